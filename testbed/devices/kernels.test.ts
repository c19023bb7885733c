import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelNames, measureKernels, median, prepareKernels, runKernels } from "./kernels.ts";

test("every kernel gives the same checksum for the same work, and another one for more work", () => {
  const kernels = prepareKernels();
  const again = prepareKernels();
  for (const name of kernelNames) {
    const first = kernels[name].work(1);
    assert.equal(kernels[name].work(1), first, `${name} a second time`);
    assert.equal(again[name].work(1), first, `${name} with new buffers`);
    assert.notEqual(kernels[name].work(2), first, `${name} with twice the work`);
  }
});

test("the checksums are those of every machine: a kernel that computes something else is another kernel", () => {
  const kernels = prepareKernels();
  const sums = Object.fromEntries(kernelNames.map((name) => [name, kernels[name].work(1)]));
  assert.deepEqual(sums, { integer: -822285738, float: 96.17631666840164, memory: 12582912, json: 1133250 });
});

test("scores are work by each clock: on a core that others have half of the time, the wall clock sees half", async () => {
  let cpuMs = 0;
  let wallMs = 0;
  const clocks = { cpuMs: () => (cpuMs += 10), wallMs: () => (wallMs += 20) };
  const { byCpu, byWall } = await measureKernels({ runs: 1, scale: 1, clocks });
  for (const name of kernelNames) assert.equal(byCpu[name] / byWall[name], 2, name);
  assert.deepEqual(await runKernels({ runs: 1, scale: 1, clocks }), byCpu);
  assert.equal(byCpu.integer, 100, "a million rounds in 10 ms are 100 million a second");
});

test("the median of an even number of runs is the mean of the middle two", () => {
  assert.equal(median([4, 1, 3, 100]), 3.5);
  assert.equal(median([5, 1, 100]), 5);
  assert.throws(() => median([]), /no values/);
});
