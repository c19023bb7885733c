import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeUseWatch } from "./node-use.ts";

const watch = () => new NodeUseWatch((node) => (node === "dsp1" ? 0.25 : 2));

test("a node's CPU is of what it may use, and unknown after its group was made anew", () => {
  const nodes = watch();
  const first = { dsp1: { atMs: 0, cpuSeconds: 10, memoryBytes: 5 }, gen1: { atMs: 0 } };
  assert.deepEqual(nodes.see(0, first), { dsp1: { memoryBytes: 5 } });
  assert.deepEqual(nodes.see(2_000, { dsp1: { atMs: 2_000, cpuSeconds: 10.25 } }), { dsp1: { cpu: 0.5 } });
  assert.deepEqual(nodes.see(3_000, { dsp1: { atMs: 3_000, cpuSeconds: 0.1 } }), {});
});

test("between two readings the last one stands, and the time between them is their own", () => {
  const nodes = watch();
  nodes.see(100, { gen1: { atMs: 0, cpuSeconds: 1 } });
  const second = { gen1: { atMs: 1_000, cpuSeconds: 2 } };
  assert.deepEqual(nodes.see(1_500, second), { gen1: { cpu: 0.5 } });
  assert.deepEqual(nodes.see(2_500, second), { gen1: { cpu: 0.5 } });
});

test("what a node told too long ago is marked as stale, and no figure is left that could pass for zero", () => {
  const nodes = watch();
  nodes.see(0, { gen1: { atMs: 0, cpuSeconds: 1, memoryBytes: 7 } });
  const last = { gen1: { atMs: 1_000, cpuSeconds: 1, memoryBytes: 7 } };
  assert.deepEqual(nodes.see(1_000, last), { gen1: { cpu: 0, memoryBytes: 7 } });
  assert.deepEqual(nodes.see(6_000, last), { gen1: { staleMs: 5_000 } });
  assert.deepEqual(nodes.see(9_000, { gen1: { atMs: 9_000, cpuSeconds: 9, memoryBytes: 8 } }), {
    gen1: { cpu: 0.5, memoryBytes: 8 },
  });
});
