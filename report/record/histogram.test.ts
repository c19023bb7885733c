import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { overTime, quantile, wholeRun } from "./histogram.ts";
import type { LatencyLine } from "./lines.ts";

const bucketOf = (ms: number) => 1 + Math.floor(Math.log(ms / 0.001) / Math.log(1.02));

function line(t: number, attempt: number, values: readonly number[]): LatencyLine {
  const buckets = [...Map.groupBy(values, bucketOf)].map(([bucket, all]): [number, number] => [
    bucket,
    all.length,
  ]);
  const sumMs = values.reduce((sum, each) => sum + each, 0);
  return {
    t,
    attempt,
    latency: { count: values.length, sumMs, minMs: Math.min(...values), maxMs: Math.max(...values), buckets },
  };
}

const durations = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 200 });

test("any quantile is right to 1.1 %", () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = values.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
      const [whole] = wholeRun([line(1, 1, values)]);
      const found = quantile(whole!.counts, share)!;
      assert.ok(Math.abs(found - exact) / exact < 0.011, `${found} for ${exact}`);
    }),
  );
});

test("readings of one attempt add up: each part holds what came since the one before", () => {
  const parts = overTime([line(1000, 1, [5]), line(2000, 1, [5, 50, 50]), line(3000, 2, [7])]);
  assert.deepEqual(
    parts.map(({ fromT, t, counts }) => [fromT, t, counts.count]),
    [
      [0, 1000, 1],
      [1000, 2000, 2],
      [2000, 3000, 1],
    ],
  );
  assert.ok(Math.abs(quantile(parts[1]!.counts, 0.5)! - 50) < 0.6);
});

test("of an attempt the last reading counts, and nothing has no quantile", () => {
  const all = wholeRun([line(1, 1, [5]), line(2, 1, [5, 6]), line(3, 2, [7])]);
  assert.deepEqual(
    all.map(({ attempt, counts }) => [attempt, counts.count]),
    [
      [1, 2],
      [2, 1],
    ],
  );
  assert.equal(quantile({ count: 0, sumMs: 0, minMs: 0, maxMs: 0, buckets: new Map() }, 0.5), undefined);
});
