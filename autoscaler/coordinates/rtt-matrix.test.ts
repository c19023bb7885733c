/** What a table of round trips means, and how errors over it are counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracy, quantile } from "./errors.ts";
import { RttMatrix } from "./rtt-matrix.ts";

test("0, nothing and the diagonal are no measurements; one direction stands for both; two are their mean", () => {
  const matrix = new RttMatrix([
    [7, 10, 0, null],
    [20, 7, null, 4],
    [0, 0, 7, 3],
    [null, null, 3, 7],
  ]);
  assert.equal(matrix.rttMs(0, 1), 15);
  assert.equal(matrix.rttMs(3, 1), 4);
  assert.equal(matrix.rttMs(0, 2), 0);
  assert.equal(matrix.rttMs(0, 0), 0);
  assert.deepEqual([matrix.size, matrix.pairs, matrix.asymmetric], [4, 3, 1]);
  assert.deepEqual(matrix.peersOf(1), [0, 3]);
});

test("errors are relative to the truth, over measured pairs alone", () => {
  const matrix = new RttMatrix([
    [0, 10, 20],
    [10, 0, 0],
    [20, 0, 0],
  ]);
  const advert = { position: [], height: 0, adjustment: 0, error: 0, samples: 0 };
  const algorithm = { estimate: () => ({ rttMs: 15, lowMs: 12, highMs: 30 }) };
  const { medianRelativeError, p90RelativeError, coverage } = accuracy(
    algorithm,
    [advert, advert, advert],
    matrix,
  );
  assert.equal(medianRelativeError, 0.375);
  assert.ok(Math.abs(p90RelativeError - 0.475) < 1e-12);
  assert.equal(coverage, 0.5);
});

test("a quantile lies between its two neighbours by their distance", () => {
  assert.deepEqual([quantile([3], 0.9), quantile([0, 10], 0.5), quantile([0, 1, 2], 1)], [3, 5, 2]);
});
