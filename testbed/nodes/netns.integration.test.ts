/** The conformance suite on network namespaces, and what is theirs alone: they share the machine's files. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "#testbed/capture.ts";
import { detectCgroups } from "#testbed/devices/cgroup.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScoresFile, keepHostScores } from "#testbed/devices/host-scores.ts";
import type { Subject } from "./conformance/bench.ts";
import { conformance } from "./conformance.ts";

const asRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "brume-netns-"));
const run = async (...command: string[]) => {
  const { status, stderr } = await capture(command, process.env);
  assert.equal(status, 0, stderr);
};

const device = loadDeviceClass("pi3b");
const disk = join(folder, "small-disk");

async function limitsHere(): Promise<Subject["limits"]> {
  const { lacks } = await detectCgroups();
  if (lacks.cpu !== undefined || lacks.memory !== undefined) {
    return { not: `no control groups here: ${lacks.cpu ?? lacks.memory}` };
  }
  // A machine of exactly twice a Pi 3B, so that nothing has to be measured first and the quota is known.
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  const { integer, float, memory, json } = deviceOf(device).scores;
  await keepHostScores(
    { integer: integer * 2, float: float * 2, memory: memory * 2, json: json * 2 },
    { file: hostScoresFile() },
  );
  return {
    settings: { device: device.name },
    quotaCores: (lab) => lab.folder.limits().a?.quotaCores ?? assert.fail("no quota is on record"),
    memoryBytes: device.memoryMiB.value * 2 ** 20,
  };
}

async function mountSmallDisk(): Promise<void> {
  mkdirSync(disk);
  await run("mount", "-t", "tmpfs", "-o", "size=1m", "brume-test", disk);
}

if (asRoot) await mountSmallDisk();

const { a, b, labs } = await conformance(
  {
    kind: "netns",
    settings: () => ({}),
    remains: async () => [],
    smallDisk: asRoot
      ? async () => disk
      : { not: "an ordinary user cannot mount a disk that brume's own process sees" },
    limits: await limitsHere(),
    outage: { not: "its machine is this one" },
    refusals: [
      {
        what: "a node with more cores than its device",
        settings: { device: "pi4b", cores: 9 },
        code: "out-of-range",
        says: /cores: 9 of a pi4b, which has 4\n {2}fix: set cores to 4 at most/,
      },
    ],
  },
  async () => {
    if (asRoot) await run("umount", disk);
    rmSync(folder, { recursive: true, force: true });
  },
);

test("a file that is put on a node lies on this machine", async () => {
  const path = join(labs.root, "shared.txt");
  await a.putFile(path, { bytes: Buffer.from("content") }, 0o640);
  assert.equal(readFileSync(path, "utf8"), "content");
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.equal((await b.getFile(path)).toString(), "content");
});

test("what is brought to a node stays where it is", async () => {
  assert.equal(await a.bring(labs.root), labs.root);
});

test("the machine's own /etc/hosts is left alone", () => {
  assert.doesNotMatch(readFileSync("/etc/hosts", "utf8"), new RegExp(b.address.v4.replaceAll(".", "\\.")));
});
