import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { machineSettings } from "./settings.ts";

const spec = (device: string, settings: NodeSpec["settings"] = {}): NodeSpec => ({
  name: "vm",
  kind: "qemu",
  role: "worker",
  device,
  settings,
});

test("a machine of a device class has its cores, and its memory with room for the machine itself", () => {
  const { cpus, memoryBytes } = machineSettings(spec("pi4b"));
  assert.equal(cpus, 4);
  assert.ok(memoryBytes > machineSettings(spec("pi3b")).memoryBytes);
});

test("what the topology says wins over what the device class would have", () => {
  const { cpus, memoryBytes, architecture } = machineSettings(
    spec("pi4b", { cpus: 1, memoryBytes: 2 ** 29, arch: "aarch64" }),
  );
  assert.deepEqual([cpus, memoryBytes, architecture.debian], [1, 2 ** 29, "arm64"]);
});

test("without a device class it is one processor of this machine's kind", () => {
  const { cpus, architecture, disk } = machineSettings(spec("none"));
  assert.deepEqual([cpus, architecture.node, "bytes" in disk], [1, process.arch, true]);
});

test("an image takes the place of the empty disk", () => {
  assert.deepEqual(machineSettings(spec("none", { image: "/my.qcow2" })).disk, { image: "/my.qcow2" });
});
