/** The conformance suite on containers of a real Docker Engine that this test starts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScoresFile, keepHostScores } from "#testbed/devices/host-scores.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { conformance } from "./conformance.ts";
import { containers } from "./docker/conformance-for-tests.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";

const lacks = lacking("dockerd", "busybox");
if (lacks) test("nodes in containers", { skip: lacks }, () => undefined);
else await conform();

async function conform(): Promise<void> {
  const dockerd = await DockerdForTests.start();
  const cache = mkdtempSync(join(tmpdir(), "brume-docker-cache-"));
  process.env.XDG_CACHE_HOME = cache;
  const device = loadDeviceClass("pi3b");
  // A machine of exactly twice a Pi 3B, so that nothing has to be measured first and the quota is known.
  const { integer, float, memory, json } = deviceOf(device).scores;
  await keepHostScores(
    { integer: integer * 2, float: float * 2, memory: memory * 2, json: json * 2 },
    { file: hostScoresFile() },
  );
  await conformance(containers(dockerd, { settings: {}, device: device.name, memoryMiB: 160 }), async () => {
    await dockerd.end();
    rmSync(cache, { recursive: true, force: true });
  });
}
