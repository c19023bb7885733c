import assert from "node:assert/strict";
import { test } from "node:test";
import { PeakMemory } from "./peak-memory.ts";

test("a peak is remembered for as long as is asked for, and nothing for longer than is kept", () => {
  const peaks = new PeakMemory(600_000);
  for (let atMs = 0; atMs <= 1_000_000; atMs += 1000)
    peaks.add(atMs, atMs === 500_000 ? 300 : atMs === 100_000 ? 900 : 100);
  assert.equal(peaks.within(1_000_000, 400_000), 100);
  assert.equal(peaks.within(1_000_000, 550_000), 300);
  assert.equal(peaks.within(1_000_000, 10_000_000), 300);
});
