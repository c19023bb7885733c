import assert from "node:assert/strict";
import { after, test } from "node:test";
import { calibrate } from "#testbed/devices/calibrate.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScores, thisMachine } from "#testbed/devices/host-scores.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { emulations } from "#testbed/emulation.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { DockerdForTests } from "../docker/dockerd-for-tests.ts";
import { exec } from "../exec.ts";
import { ownArchitecture } from "../qemu/architectures.ts";
import { findGuest } from "../qemu/guest-store.ts";
import { findRule } from "./binfmt.ts";
import { emulatedScores, keptEmulatedScores } from "./emulated.ts";

/** On such a machine nothing is emulated, and there is nothing to show. */
const isNative = ownArchitecture() === "aarch64";
const needs = findGuest("aarch64") && findRule() ? lacking("dockerd") : "needs sudo ./brume setup arm64";

if (!isNative) test("a container of 64-bit ARM is a node beside others", { skip: needs }, suite);

async function suite(): Promise<void> {
  const docker = await DockerdForTests.start();
  const labs = new TestLabs();
  after(async () => {
    await labs.end();
    await docker.end();
  });
  const lab = await labs.open(
    "name: arm\nnodes: { near: {}, pi: { kind: docker, arch: aarch64, device: pi3b } }\nnetwork: { pairs: [{ from: near, to: pi, delay: 30ms }] }\n",
  );
  const [near, pi] = [lab.node("near"), lab.node("pi")];
  const { node } = await pi.runtime();
  const run = async (code: string) => (await exec(pi, [node, "-p", code])).stdout.toString().trim();

  assert.equal((await exec(pi, ["uname", "-m"])).stdout.toString(), "aarch64\n");
  assert.equal(await run("process.arch + 6 * 7"), "arm6442");
  const { stdout } = await exec(near, ["ping", "-n", "-c", "2", "-i", "0.2", "-W", "3", "pi"]);
  const times = [...stdout.toString().matchAll(/time=([\d.]+)/g)].map(([, ms]) => Number(ms));
  assert.ok(times.length > 0 && times.every((ms) => ms >= 30), stdout.toString());
  const { architecture, by, slowdown } = emulations(lab.folder).pi!;
  assert.deepEqual([architecture, by], ["aarch64", "qemu-user"]);
  assert.ok(slowdown.integer > 1, JSON.stringify(slowdown));
  const arm = { settings: { arch: "aarch64" } };
  assert.deepEqual(keptEmulatedScores(arm), await emulatedScores(arm));
  // Held to its device by what the emulator makes of this machine: more of it than a program of its own would get.
  const { pi: limit } = lab.folder.limits();
  const native = calibrate(thisMachine(await hostScores()), {
    ...deviceOf(loadDeviceClass("pi3b")),
    cores: 1,
  });
  assert.ok(limit!.quotaCores! > native.quotaCores, JSON.stringify([limit, native]));
}
