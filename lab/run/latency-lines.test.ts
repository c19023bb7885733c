import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyLines } from "./latency-lines.ts";

const histogram = (count: number) => ({
  ...{ count, sumMs: count, minMs: 1, maxMs: 1 },
  buckets: [[350, count]] as [number, number][],
});

function written() {
  const lines: [t: number, attempt: number, count: number][] = [];
  const latency = new LatencyLines(({ attempt, latency: { count } }, t) => lines.push([t, attempt, count]));
  return { latency, lines };
}

test("an attempt's last histogram is written when the next attempt is seen, though that has none yet", () => {
  const { latency, lines } = written();
  latency.see(1, histogram(10), 1_000);
  latency.write();
  latency.see(1, histogram(20), 2_000);
  latency.see(2, undefined, 3_000);
  assert.deepEqual(lines, [
    [1_000, 1, 10],
    [2_000, 1, 20],
  ]);
});

test("what was written is not written again, and nothing is of nothing", () => {
  const { latency, lines } = written();
  latency.write();
  latency.see(1, undefined, 500);
  latency.see(1, histogram(10), 1_000);
  latency.write();
  latency.write();
  latency.see(2, histogram(5), 2_000);
  assert.deepEqual(lines, [[1_000, 1, 10]]);
});

test("a sink that falls silent takes nothing away from what its attempt had told", () => {
  const { latency, lines } = written();
  latency.see(1, histogram(30), 1_000);
  latency.see(1, histogram(10), 2_000);
  latency.see(1, undefined, 3_000);
  latency.write();
  assert.deepEqual(lines, [[1_000, 1, 30]]);
});
