import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { type IntervalJoinConfig, intervalJoin } from "./interval-join.ts";
import { OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";

const left = schema({ key: "integer", a: "utf8" });
const right = schema({ id: "integer", b: "integer" });
const config = (lowerMs: number, upperMs: number, late = false): IntervalJoinConfig => ({
  left,
  right,
  leftKey: "key",
  rightKey: "id",
  lowerMs,
  upperMs,
  result: {
    left: [
      { column: "key", as: "key" },
      { column: "a", as: "a" },
    ],
    right: [{ column: "b", as: "b" }],
  },
  late,
});

type Arrival = { input: 0 | 1; key: number; timeMs: number };
const arrivals = fc.array(
  fc.record({ input: fc.constantFrom<0 | 1>(0, 1), key: fc.nat(3), timeMs: fc.nat(9000) }),
  { maxLength: 120 },
);
const rowOf = ({ input, key, timeMs }: Arrival, at: number): PlainRow =>
  input === 0 ? { key, a: `a${at}`, $time: timeMs } : { id: key, b: at, $time: timeMs };
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

/** Every pair of records that are not late, each once. */
function reference(
  all: readonly Arrival[],
  lowerMs: number,
  upperMs: number,
  isLate: (at: number) => boolean,
) {
  return all.flatMap((one, a) =>
    all.flatMap((other, b) => {
      if (one.input !== 0 || other.input !== 1 || one.key !== other.key || isLate(a) || isLate(b)) return [];
      const apart = other.timeMs - one.timeMs;
      if (apart < lowerMs || apart > upperMs) return [];
      return [{ key: one.key, a: `a${a}`, b, $time: Math.max(one.timeMs, other.timeMs) }];
    }),
  );
}

test("pairs are exactly those within the interval, whatever the order of arrival, over watermarks and restores", () => {
  const bounds = fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.nat(2500));
  const every = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(arrivals, bounds, every, fc.nat(2000), (all, [lowerMs, length], restoreEvery, graceMs) => {
      const upperMs = lowerMs + length;
      let harness = new OperatorHarness(intervalJoin(config(lowerMs, upperMs)));
      const results: PlainRow[] = [];
      const late = new Set<number>();
      let watermarkMs = Number.NEGATIVE_INFINITY;
      for (const [at, arrival] of all.entries()) {
        if (arrival.timeMs < watermarkMs) late.add(at);
        harness.rows(arrival.input === 0 ? left : right, [rowOf(arrival, at)], arrival.input);
        if (arrival.timeMs - graceMs > watermarkMs) {
          watermarkMs = arrival.timeMs - graceMs;
          harness.watermark(watermarkMs);
        }
        if (at % restoreEvery === 0) {
          results.push(...harness.take());
          harness = new OperatorHarness(intervalJoin(config(lowerMs, upperMs)), {
            restore: [harness.snapshot()],
          });
        }
      }
      results.push(...harness.end().take());
      assert.deepEqual(sorted(results), sorted(reference(all, lowerMs, upperMs, (at) => late.has(at))));
    }),
  );
});

test("whole batches join like single rows", () => {
  fc.assert(
    fc.property(arrivals, (all) => {
      const harness = new OperatorHarness(intervalJoin(config(-700, 1500)));
      const rows = all.map((arrival, at) => ({ arrival, row: rowOf(arrival, at) }));
      const of = (input: number) =>
        rows.filter(({ arrival }) => arrival.input === input).map(({ row }) => row);
      harness.rows(right, of(1), 1).rows(left, of(0), 0);
      assert.deepEqual(sorted(harness.take()), sorted(reference(all, -700, 1500, () => false)));
    }),
  );
});

test("records that no partner can come for any more leave the state", () => {
  const harness = new OperatorHarness(intervalJoin(config(-1000, 1000)));
  for (let timeMs = 0; timeMs < 200_000; timeMs += 10) {
    harness.rows(left, [{ key: 1, a: "x".repeat(100), $time: timeMs }], 0);
    if (timeMs % 1000 === 0) harness.watermark(timeMs);
  }
  assert.ok(harness.snapshot().part.bytes.full < 100_000);
  const emptied = harness.end().snapshot(2).part.bytes.full;
  assert.ok(emptied < 5000, `${emptied}`);
});

test("late records are counted, and go to a side output where one is asked for", () => {
  const harness = new OperatorHarness(intervalJoin(config(-1000, 1000, true)));
  harness.watermark(5000);
  harness.rows(
    left,
    [
      { key: 1, a: "late", $time: 4999 },
      { key: 1, a: "not", $time: 5000 },
    ],
    0,
  );
  assert.deepEqual(harness.take("late-left"), [{ key: 1, a: "late", $time: 4999 }]);
  assert.deepEqual(harness.operator.metrics?.(), { lateRecords: 1 });
});

test("records without event time are refused", () => {
  const harness = new OperatorHarness(intervalJoin(config(0, 1)));
  assert.throws(() => harness.rows(left, [{ key: 1, a: "a" }], 0), /records without event time/);
});
