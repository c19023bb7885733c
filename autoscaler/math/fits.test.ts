import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";
import { nonnegativeLeastSquares, robustNonnegative } from "./nonnegative-least-squares.ts";
import { robustFit } from "./robust-fit.ts";
import { RunningMedian } from "./running-median.ts";
import { invert, solve } from "./solve.ts";

const near = (value: number, wanted: number, apart: number) =>
  assert.ok(Math.abs(value - wanted) <= apart, `${value} is not ${wanted} ± ${apart}`);

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test("a positive definite system is solved, and its inverse multiplies to one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(between(-1, 1), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
      (a) => {
        const matrix = a.map((_, row) =>
          a.map((_, column) =>
            a.reduce((sum, one) => sum + one[row]! * one[column]!, row === column ? 1 : 0),
          ),
        );
        const right = [1, -2, 3];
        const solution = solve(matrix, right)!;
        const inverse = invert(matrix)!;
        for (const [row, of] of matrix.entries()) {
          near(
            of.reduce((sum, value, at) => sum + value * solution[at]!, 0),
            right[row]!,
            1e-9,
          );
          for (const column of [0, 1, 2])
            near(
              of.reduce((sum, value, at) => sum + value * inverse[at]![column]!, 0),
              row === column ? 1 : 0,
              1e-9,
            );
        }
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

test("a system without a solution has none", () => {
  assert.equal(
    solve(
      [
        [1, 1],
        [1, 1 - 1e-3],
      ],
      [1, 2],
    ),
    undefined,
  );
});

test("Levenberg–Marquardt finds the coefficients of a power law again", () => {
  fc.assert(
    fc.property(between(100, 1000), between(0.5, 1.2), (alpha, beta) => {
      const truth = (n: number) => alpha * n ** beta;
      const { values } = levenbergMarquardt(
        [
          { start: 300, low: 1, high: 1e5 },
          { start: 1, low: 0, high: 2 },
        ],
        ([a, b]) => [1, 2, 4, 8].map((n) => (a! * n ** b! - truth(n)) / truth(n)),
      );
      near(values[0]! / alpha, 1, 1e-4);
      near(values[1]!, beta, 1e-4);
    }),
    { seed: 2, numRuns: 50 },
  );
});

test("a coefficient stays within its bounds, and the others make the best of it", () => {
  const { values } = levenbergMarquardt(
    [
      { start: 0, low: -1, high: 1 },
      { start: 0, low: -10, high: 10 },
    ],
    ([a, b]) => [a! - 3, b! - 2, a! + b! - 4],
  );
  assert.equal(values[0], 1);
  near(values[1]!, 2.5, 1e-6);
});

test("a wild sample among good ones hardly moves a robust fit", () => {
  const samples = [1, 1.02, 0.99, 1.01, 10].map(Math.log);
  const { values, weights } = robustFit([{ start: 0.3, deviation: 1, low: -5, high: 5 }], ([value]) =>
    samples.map((sample) => ({ error: sample - value!, deviation: 0.02 })),
  );
  near(values[0]!, 0, 0.02);
  assert.ok(weights[4]! < 0.1);
});

test("one sample that beliefs allow for is followed; one that they do not is not", () => {
  const fitted = (sample: number) =>
    robustFit([{ start: 0, deviation: 0.2, low: -5, high: 5 }], ([value]) => [
      { error: sample - value!, deviation: 0.02 },
    ]).values[0]!;
  near(fitted(0.25), 0.25, 0.03);
  assert.ok(Math.abs(fitted(Math.log(100))) < 0.3);
});

test("nonnegative least squares is exact where columns nearly coincide", () => {
  const rows = [0.9, 0.95, 1, 0.92].map((rate) => ({ x: [1, rate], y: 0.5 * rate, weight: 1e4 }));
  const [constant, growing] = nonnegativeLeastSquares(rows, [
    { value: 0, deviation: 1 },
    { value: 0, deviation: 1 },
  ]);
  near(constant!, 0, 0.01);
  near(growing!, 0.5, 0.01);
});

test("nonnegative least squares never gives a negative coefficient", () => {
  const row = fc.record({
    x: fc.tuple(between(0, 1), between(0, 1)),
    y: between(-1, 1),
    weight: between(0, 10),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const beliefs = [0, 0.1].map((value) => ({ value, deviation: 1 }));
      for (const value of robustNonnegative(rows, beliefs)) assert.ok(value >= 0);
    }),
    { seed: 3 },
  );
});

test("a running median forgets what is old and takes nothing that is not a number", () => {
  const running = new RunningMedian(3);
  for (const value of [100, 1, Number.NaN, 2, 3]) running.add(value);
  assert.equal(running.median, 2);
  assert.equal(running.count, 3);
});
