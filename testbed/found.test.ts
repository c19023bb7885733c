import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { found } from "./found.ts";
import { LabFolder } from "./lab.ts";
import { bootId } from "./processes.ts";
import { nodeOf, topologyOf } from "./topology-for-tests.ts";

let root: string;
let folder: LabFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "brume-found-"));
  folder = new LabFolder("lab", root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const topology = topologyOf([nodeOf("a")]);

test("a lab is founded once: its identity stays while the machine runs", () => {
  const first = found(folder, root, topology);
  assert.deepEqual(found(folder, root, topology), first);
  assert.deepEqual(folder.identity(), first);
  assert.equal(first.bootId, bootId());
});

test("the machine's end has a name that an interface can have", () => {
  assert.match(found(folder, root, topology).hostInterface, /^brume[0-9a-f]{8}$/);
});

test("the range that the topology asks for is the lab's", () => {
  const { subnet } = found(folder, root, topologyOf([nodeOf("a")], { subnet: "10.77.0.0/16" }));
  assert.deepEqual(subnet, { network: 0x0a4d0000, prefix: 16 });
});

test("after a restart of the machine the lab owns nothing, and keeps its id and its range", () => {
  const before = found(folder, root, topology);
  folder.write("lab.json", { ...before, bootId: "the boot before" });
  for (const name of ["keeper.json", "limits.json", "topology.json", "journal.jsonl"] as const)
    folder.write(name, {});
  folder.write("events.jsonl", {});
  const after = found(folder, root, topology);
  assert.deepEqual(after, before);
  assert.equal(folder.keeperMark(), undefined, "its number may be another process's now");
  assert.equal(folder.topology(), undefined);
  assert.deepEqual(folder.limits(), {});
  assert.equal(folder.owned().nodes.size, 0);
  assert.ok(existsSync(folder.file("events.jsonl")), "what happened stays on record");
});

test("after a restart the lab moves off a range that somebody else took meanwhile", () => {
  const before = found(folder, root, topology);
  rmSync(join(root, "subnets"), { recursive: true });
  const [a, b, c] = [
    before.subnet.network >>> 24,
    (before.subnet.network >>> 16) & 255,
    (before.subnet.network >>> 8) & 255,
  ];
  found(new LabFolder("other", root), root, topologyOf([nodeOf("a")], { subnet: `${a}.${b}.${c}.0/20` }));
  folder.write("lab.json", { ...before, bootId: "the boot before" });
  assert.notEqual(found(folder, root, topology).subnet.network, before.subnet.network);
});

test("a founding that was killed before it noted its range leaves no second claim behind", () => {
  found(folder, root, topology);
  rmSync(folder.file("lab.json"));
  found(folder, root, topology);
  assert.equal(readdirSync(join(root, "subnets")).length, 1);
});
