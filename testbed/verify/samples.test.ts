import assert from "node:assert/strict";
import { test } from "node:test";
import { median, sortedQuantile, summarise } from "./samples.ts";

test("a summary of 1 to 5 has mean and median 3 and a spread of the square root of 2.5", () => {
  const summary = summarise(Float64Array.of(5, 3, 1, 2, 4));
  assert.deepEqual(summary, { count: 5, mean: 3, spread: Math.sqrt(2.5), median: 3, p1: 1.04, p99: 4.96 });
});

test("a single value has no spread, and no values have no summary", () => {
  assert.equal(summarise(Float64Array.of(7))?.spread, 0);
  assert.equal(summarise(new Float64Array(0)), undefined);
});

test("a quantile between two values lies between them in proportion", () => {
  assert.equal(sortedQuantile([10, 20], 0.25), 12.5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});
