import assert from "node:assert/strict";
import { test } from "node:test";
import type { Jitter } from "#testbed/network/conditions.ts";
import { netemJitter } from "./distribution.ts";

/** What netem would add to the delay: each entry / 8192 × jitter, all equally likely. */
function draws(jitter: Jitter): number[] {
  const { jitterMs, table } = netemJitter(jitter);
  const numbers = table.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return numbers.flatMap((line) => line.split(" ").map((entry) => (Number(entry) / 8192) * jitterMs));
}

function meanAndSpread(values: readonly number[]): [mean: number, spread: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

for (const [distribution, wanted] of [
  ["normal", 10],
  ["pareto", 10],
  ["uniform", 10 / Math.sqrt(3)],
] as const) {
  test(`${distribution} jitter has the mean and spread asked for`, () => {
    const [mean, spread] = meanAndSpread(draws({ spreadMs: 10, distribution, reorder: false }));
    assert.ok(Math.abs(mean) < 0.001, `mean ${mean}`);
    assert.ok(Math.abs(spread - wanted) < 0.01, `spread ${spread}`);
  });
}

test("two thirds of normal jitter are within one deviation, and Pareto's tail reaches far to one side", () => {
  const normal = draws({ spreadMs: 1, distribution: "normal", reorder: false });
  const share = normal.filter((value) => Math.abs(value) < 1).length / normal.length;
  assert.ok(Math.abs(share - 0.683) < 0.005, `share ${share}`);
  const pareto = draws({ spreadMs: 1, distribution: "pareto", reorder: false });
  assert.ok(Math.max(...pareto) > 6 && Math.min(...pareto) > -1);
});

test("a trace's deviations are drawn as they were measured", () => {
  const offsetsMs = [-3, -1, 0, 0.5, 12];
  const drawn = draws({ spreadMs: 0, distribution: "trace", reorder: false, offsetsMs });
  drawn.forEach((value, index) => {
    assert.ok(Math.abs(value - offsetsMs[index]!) < 0.001, `${value}`);
  });
});

test("different traces have different names", () => {
  const name = (offsetsMs: number[]): string =>
    netemJitter({ spreadMs: 0, distribution: "trace", reorder: false, offsetsMs }).table.name;
  assert.notEqual(name([-1, 1]), name([-2, 1, 1]));
  assert.match(name([-1, 1]), /^brume-trace-[0-9a-f]{12}$/);
});
