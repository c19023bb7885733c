/** The conformance suite on containers of a real Docker Engine that this test starts. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "#testbed/capture.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScoresFile, keepHostScores } from "#testbed/devices/host-scores.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { conformance } from "./conformance.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { exec } from "./exec.ts";

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
  const memoryMiB = 160;

  await conformance(
    {
      kind: "docker",
      settings: () => ({}),
      remains: async () => {
        const { Volumes: volumes } = await dockerd.engine.listVolumes();
        return [
          ...(await dockerd.containers()).map((name) => `container ${name}`),
          ...volumes.map(({ Name }) => `volume ${Name}`),
        ];
      },
      smallDisk: async (node) => {
        const folder = join(await node.folder(), "small-disk");
        assert.equal((await exec(node, ["mkdir", "-p", folder])).status, 0);
        const containers = await dockerd.engine.listContainers();
        const ours = containers.find(({ Names }) => Names.some((name) => name.endsWith(`-${node.name}`)));
        const { State } = await dockerd.engine.getContainer(ours!.Id).inspect();
        const mount = ["mount", `--namespace=${State.Pid}`, "-t", "tmpfs", "-o", "size=1m", "small", folder];
        const { status, stderr } = await capture(mount, process.env);
        assert.equal(status, 0, stderr);
        return folder;
      },
      limits: {
        settings: { device: device.name, memory: `${memoryMiB}MiB` },
        quotaCores: (lab) => lab.folder.limits().a?.quotaCores ?? assert.fail("no quota is on record"),
        memoryBytes: memoryMiB * 2 ** 20,
      },
      outage: { not: "its machine is this one" },
      refusals: [
        {
          what: "an image that the engine has not got",
          settings: { image: "brume-nobody-made-this:1" },
          code: "no-such-image",
          says: /docker pull brume-nobody-made-this:1/,
        },
      ],
    },
    async () => {
      await dockerd.end();
      rmSync(cache, { recursive: true, force: true });
    },
  );
}
