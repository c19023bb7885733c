import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuBandwidth } from "./cpu-bandwidth.ts";

test("half a core is 2.5 ms in every 5 ms", () => {
  assert.deepEqual(cpuBandwidth(0.5), { quotaUs: 2500, periodUs: 5000 });
});

test("three cores are 15 ms in every 5 ms", () => {
  assert.deepEqual(cpuBandwidth(3), { quotaUs: 15_000, periodUs: 5000 });
});

test("a share whose quota the kernel would refuse gets a longer period instead", () => {
  assert.deepEqual(cpuBandwidth(0.1), { quotaUs: 1000, periodUs: 10_000 });
});

test("every share from a thousandth of a core up is granted within half a percent, in the kernel's bounds", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 256, noNaN: true }), (cores) => {
      const { quotaUs, periodUs } = cpuBandwidth(cores);
      const granted = quotaUs / periodUs;
      return (
        quotaUs >= 1000 && periodUs >= 1000 && periodUs <= 1_000_000 && Math.abs(granted / cores - 1) < 0.005
      );
    }),
  );
});

test("no cores and negative cores are our mistake", () => {
  for (const cores of [0, -1, Number.NaN]) assert.throws(() => cpuBandwidth(cores), /not a number of cores/);
});
