import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RateStep } from "./experiment.ts";
import { fitted, rampSteps, sineSteps, spikeSteps } from "./rate-steps.ts";

const recordsOf = (steps: readonly RateStep[]): number =>
  steps.reduce((total, { ratePerSecond, forMs }) => total + (ratePerSecond * forMs) / 1000, 0);
const lengthOf = (steps: readonly RateStep[]): number => steps.reduce((total, { forMs }) => total + forMs, 0);

const rate = fc.double({ min: 0, max: 1e7, noNaN: true });
const time = fc.integer({ min: 1, max: 600_000 });
const nearly = (found: number, right: number) =>
  assert.ok(Math.abs(found - right) <= 1e-6 * Math.max(1, Math.abs(right)), `${found} is not ${right}`);

test("a ramp makes as many records as the line it stands for, and ends at its last rate", () => {
  fc.assert(
    fc.property(rate, rate, time, (from, to, overMs) => {
      const steps = rampSteps(from, to, overMs, overMs);
      nearly(recordsOf(steps.slice(0, -1)), (((from + to) / 2) * overMs) / 1000);
      assert.equal(steps.at(-1)!.ratePerSecond, to);
    }),
  );
});

test("a ramp that outlasts its run has no more steps than the run has seconds, on the same line", () => {
  const steps = rampSteps(0, 1e7, 1e10, 2500);
  assert.deepEqual(fitted(steps, 2500), [
    { ratePerSecond: 0.5, forMs: 1000 },
    { ratePerSecond: 1.5, forMs: 1000 },
    { ratePerSecond: 2.25, forMs: 500 },
  ]);
});

test("a sine over whole periods makes as many records as its mean, and no rate is negative", () => {
  fc.assert(
    fc.property(
      rate,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 2, max: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (mean, share, seconds, periods) => {
        const durationMs = seconds * 1000 * periods;
        const steps = sineSteps(mean, mean * share, seconds * 1000, durationMs);
        nearly(recordsOf(steps), (mean * durationMs) / 1000);
        assert.ok(steps.every(({ ratePerSecond }) => ratePerSecond >= 0));
      },
    ),
  );
});

test("a sine begins at its mean and rises first", () => {
  const [first, second] = sineSteps(100, 50, 60_000, 60_000);
  assert.ok(first!.ratePerSecond > 100 && second!.ratePerSecond > first!.ratePerSecond);
});

test("every second of a curve is a step, the last one shorter where the time ends within it", () => {
  assert.deepEqual(
    rampSteps(0, 100, 2500, 9000).map(({ forMs }) => forMs),
    [1000, 1000, 500, 1000],
  );
});

test("a spike has its peak for exactly as long as it was asked for, also from the start", () => {
  assert.deepEqual(fitted(spikeSteps(10, 90, 4000, 2500), 10_000), [
    { ratePerSecond: 10, forMs: 4000 },
    { ratePerSecond: 90, forMs: 2500 },
    { ratePerSecond: 10, forMs: 3500 },
  ]);
  assert.deepEqual(fitted(spikeSteps(10, 90, 0, 2500), 2000), [{ ratePerSecond: 90, forMs: 2000 }]);
});

test("fitted steps are as long as the run, and what lies before its end is unchanged", () => {
  const step = fc.record({ ratePerSecond: rate, forMs: time }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), time, (steps, durationMs) => {
      const fit = fitted(steps, durationMs);
      assert.equal(lengthOf(fit), durationMs);
      assert.deepEqual(fit.slice(0, -1), steps.slice(0, fit.length - 1));
    }),
  );
});
