import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pacing, segmentsOf } from "./pacing.ts";

const steps = fc.array(
  fc.record({
    ratePerSecond: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    forMs: fc.integer({ min: 1, max: 5000 }),
  }),
  { minLength: 1, maxLength: 4 },
);

test("as many are due as say so themselves", () => {
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 20_000, noNaN: true }), (rate, elapsedMs) => {
      const pacing = new Pacing(segmentsOf(rate));
      const due = pacing.dueBy(elapsedMs);
      assert.ok(pacing.dueAfterMs(due) > elapsedMs);
      if (due > 0) assert.ok(pacing.dueAfterMs(due - 1) <= elapsedMs);
    }),
  );
});

test("later records are due later, across steps too", () => {
  fc.assert(
    fc.property(steps, fc.nat(100_000), (rate, number) => {
      const pacing = new Pacing(segmentsOf(rate));
      assert.ok(pacing.dueAfterMs(number) <= pacing.dueAfterMs(number + 1));
    }),
  );
});

test("a thousand a second are due a millisecond apart, and a pause is kept", () => {
  assert.equal(new Pacing(segmentsOf(1000)).dueAfterMs(42), 42);
  assert.equal(new Pacing(segmentsOf(1000)).dueBy(42), 43);
  const paused = new Pacing(
    segmentsOf([
      { ratePerSecond: 10, forMs: 1000 },
      { ratePerSecond: 0, forMs: 500 },
      { ratePerSecond: 10, forMs: 0 },
    ]),
  );
  assert.equal(paused.dueAfterMs(9), 900);
  assert.equal(paused.dueAfterMs(10), 1500);
  assert.equal(paused.dueBy(1499), 10);
});

test("a rate that is none is refused", () => {
  assert.throws(() => segmentsOf(-1), /records per second/);
  assert.throws(() => segmentsOf([]), /no rate at all/);
  assert.throws(
    () =>
      segmentsOf([
        { ratePerSecond: 1, forMs: 0 },
        { ratePerSecond: 1, forMs: 0 },
      ]),
    /for 0 ms/,
  );
});
