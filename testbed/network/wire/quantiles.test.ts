import assert from "node:assert/strict";
import { test } from "node:test";
import {
  momentsOf,
  normalQuantiles,
  paretoQuantiles,
  quantile,
  quantileSteps,
  traceQuantiles,
  uniformQuantiles,
} from "./quantiles.ts";

const shapes = { normal: normalQuantiles(), uniform: uniformQuantiles(), pareto: paretoQuantiles() };

test("every shape rises, with mean 0 and standard deviation 1", () => {
  for (const [name, table] of Object.entries(shapes)) {
    const { mean, spread } = momentsOf(table);
    assert.ok(Math.abs(mean) < 1e-9 && Math.abs(spread - 1) < 1e-9, `${name}: ${mean} ${spread}`);
    for (let step = 1; step <= quantileSteps; step++) assert.ok(table[step]! > table[step - 1]!, name);
  }
});

test("the normal shape has the quantiles of the books", () => {
  for (const [share, value] of [
    [0.5, 0],
    [0.8413, 1],
    [0.9772, 2],
    [0.0228, -2],
  ] as const) {
    assert.ok(Math.abs(quantile(shapes.normal, share) - value) < 0.02, `${share}`);
  }
});

test("the uniform shape reaches the square root of three to both sides", () => {
  assert.ok(Math.abs(shapes.uniform[0]! + Math.sqrt(3)) < 1e-9);
  assert.ok(Math.abs(shapes.uniform[quantileSteps]! - Math.sqrt(3)) < 1e-9);
});

test("the Pareto shape has its mass below the mean and a tail of nearly five deviations", () => {
  assert.ok(quantile(shapes.pareto, 0.5) < -0.2);
  const tail = shapes.pareto[quantileSteps]!;
  assert.ok(tail > 4.5 && tail < 5, `${tail}`);
});

test("a trace's quantiles are its own values", () => {
  const table = traceQuantiles([-3, -1, 0, 4]);
  assert.equal(table[0], -3);
  assert.equal(table[quantileSteps], 4);
  assert.equal(quantile(table, 0.5), -0.5);
  assert.deepEqual([...new Set(traceQuantiles([2.5]))], [2.5]);
});
