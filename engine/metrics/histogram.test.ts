import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram } from "./histogram.ts";

const durations = fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 });
const recorded = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

test("every percentile is within 1 % of the exact one", () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = [...values].sort((one, other) => one - other);
      const exact = sorted[Math.max(0, Math.ceil(share * values.length) - 1)]!;
      const told = recorded(values).percentile(share);
      assert.ok(Math.abs(told - exact) <= exact * 0.01, `${told} for ${exact}`);
    }),
  );
});

test("two merged histograms are the histogram of all, by way of JSON too", () => {
  fc.assert(
    fc.property(durations, durations, (some, more) => {
      const merged = Histogram.fromJson(JSON.parse(JSON.stringify(recorded(some).toJson())));
      merged.merge(recorded(more));
      const all = recorded([...some, ...more]).toJson();
      const { sumMs, ...rest } = merged.toJson();
      assert.ok(Math.abs(sumMs - all.sumMs) <= all.sumMs * 1e-9);
      assert.deepEqual({ ...rest, sumMs: all.sumMs }, all);
    }),
  );
});

test("what seems to have taken less than nothing counts as nothing, and what takes longer than a day is kept", () => {
  const histogram = recorded([-5, 1e12]);
  assert.equal(histogram.minMs, 0);
  assert.equal(histogram.percentile(0.5), 0);
  assert.equal(histogram.maxMs, 1e12);
  assert.equal(histogram.count, 2);
});

test("an empty histogram has no percentile, and its JSON no least and no most", () => {
  assert.ok(Number.isNaN(new Histogram().percentile(0.5)));
  assert.deepEqual(new Histogram().toJson(), { count: 0, sumMs: 0, minMs: null, maxMs: null, buckets: [] });
});
