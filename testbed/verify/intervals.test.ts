import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clopperPearson } from "./intervals.ts";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 5e-6, `${actual} is not ${expected}`);

test("no hit in ten: the upper end is 1 - 0.025^(1/10)", () => {
  const { low, high } = clopperPearson(0, 10, 0.95);
  assert.equal(low, 0);
  near(high, 1 - 0.025 ** 0.1);
});

test("intervals agree with published tables", () => {
  const cases = [
    [1, 10, 0.95, 0.002529, 0.445016],
    [10, 100, 0.95, 0.049005, 0.176223],
    [5, 5, 0.95, 0.478176, 1],
  ] as const;
  for (const [hits, trials, confidence, low, high] of cases) {
    const interval = clopperPearson(hits, trials, confidence);
    near(interval.low, low);
    near(interval.high, high);
  }
});

/** Of the binomial distribution, summed term by term, in logarithms since the first terms may be tiny. */
function chanceOfAtMost(hits: number, trials: number, ratio: number): number {
  let term = trials * Math.log1p(-ratio);
  let sum = Math.exp(term);
  for (let k = 0; k < hits; k++) {
    term += Math.log((trials - k) / (k + 1)) + Math.log(ratio) - Math.log1p(-ratio);
    sum += Math.exp(term);
  }
  return sum;
}

test("at either end of the interval, the count is as unlikely as the confidence says", () => {
  const cases = fc
    .record({ trials: fc.integer({ min: 2, max: 400 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ trials, share }) => ({
      trials,
      hits: Math.min(trials - 1, Math.max(1, Math.round(trials * share))),
    }));
  fc.assert(
    fc.property(cases, ({ trials, hits }) => {
      const { low, high } = clopperPearson(hits, trials, 0.99);
      assert.ok(low < hits / trials && hits / trials < high);
      assert.ok(Math.abs(chanceOfAtMost(hits, trials, high) - 0.005) < 1e-6);
      assert.ok(Math.abs(1 - chanceOfAtMost(hits - 1, trials, low) - 0.005) < 1e-6);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("without a trial nothing is known", () => {
  assert.deepEqual(clopperPearson(0, 0, 0.99), { low: 0, high: 1 });
});
