import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deviceOf, loadDeviceClass } from "./devices/device-class.ts";
import { hostScoresFile, keepHostScores } from "./devices/host-scores.ts";
import { createFolder, type Identity, LabFolder, newLabId } from "./lab.ts";
import { groupOf, Limits } from "./limits.ts";

const root = mkdtempSync(join(tmpdir(), "brume-limits-"));
const folder = new LabFolder("limited", root);
const identity = { id: newLabId() } as Identity;
const limits = new Limits(folder, identity);

before(async () => {
  // A machine of exactly twice a Pi 4B, so that nothing has to be measured first.
  const { integer, float, memory, json } = deviceOf(loadDeviceClass("pi4b")).scores;
  process.env.XDG_CACHE_HOME = join(root, "cache");
  await keepHostScores(
    { integer: integer * 2, float: float * 2, memory: memory * 2, json: json * 2 },
    { file: hostScoresFile() },
  );
  createFolder(folder);
});
after(async () => {
  await limits.removeAll();
  rmSync(root, { recursive: true, force: true });
});

test("what is asked of a node is on record, and what this machine does not enforce of it is there with the reason", async () => {
  await limits.limit("a", "pi4b", 1);
  const { a } = folder.limits();
  assert.ok(a);
  assert.equal(a.device, "pi4b");
  assert.ok(
    Math.abs(a.quotaCores! - 0.5) < 0.01,
    `half of a core that is twice as fast, not ${a.quotaCores}`,
  );
  for (const limit of [a.cpu, a.memory]) assert.ok(limit && (limit.enforced || limit.reason.length > 0));
});

test("a node's group is there while it is limited, and gone afterwards", async () => {
  await limits.limit("b", "pi4b", 1);
  const paths = folder.limits().b!.members.map(({ path }) => path);
  for (const path of paths) assert.ok(existsSync(path), path);
  assert.equal(groupOf(folder, "b") === undefined, paths.length === 0);
  await limits.unlimit("b");
  for (const path of paths) assert.ok(!existsSync(path), path);
  assert.deepEqual(Object.keys(folder.limits()), ["a"], "the others stay limited");
  assert.equal(groupOf(folder, "b"), undefined);
});

test("another class takes the place of the one before, in the same group", async () => {
  await limits.limit("c", "pi3b", 1);
  const before = folder.limits().c!;
  await limits.limit("c", "pi4b", 2);
  const after = folder.limits().c!;
  assert.deepEqual(after.members, before.members);
  assert.deepEqual([after.device, after.cores], ["pi4b", 2]);
  assert.ok(after.quotaCores! > before.quotaCores!);
  const cpu = after.members.find(({ controllers }) => controllers.includes("cpu"));
  if (!after.cpu?.enforced || !cpu) return assert.ok(after.cpu && !after.cpu.enforced);
  const read = (name: string) => readFileSync(join(cpu.path, name), "utf8").trim();
  const [quota, period] =
    cpu.version === 1 ? [read("cpu.cfs_quota_us"), read("cpu.cfs_period_us")] : read("cpu.max").split(" ");
  assert.ok(Math.abs(Number(quota) / Number(period) - after.quotaCores!) < 0.01, `${quota} of ${period}`);
});

test("a limit that nobody has is let go without a failure", async () => {
  await limits.unlimit("nobody");
});

test("the end of a lab thaws and removes every group that its record names", async () => {
  await limits.limit("d", "pi4b", 1);
  const group = groupOf(folder, "d");
  if (group?.canFreeze) await group.freeze();
  const paths = Object.values(folder.limits()).flatMap(({ members }) => members.map(({ path }) => path));
  await limits.thawAll();
  await limits.removeAll();
  for (const path of paths) assert.ok(!existsSync(path), path);
});
