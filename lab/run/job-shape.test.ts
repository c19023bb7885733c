import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import { jobShape } from "./job-shape.ts";

const shapeOf = async (use: string, operator: string, settings: Record<string, string>) => {
  const plan = await loadPlanner(use);
  return jobShape(plan({ use, settings, parallelism: 1, maxParallelism: 128, parallelismOf: {} }), operator);
};

test("a join over windows has two sources, pairs records, and tells how long its windows are", async () => {
  const window = { window: "sliding 10s 5s" };
  const expected = { inputs: 2, windowMs: 10_000, joins: true };
  assert.deepEqual(await shapeOf("windowed-join", "join", window), expected);
});

test("a map has one source and no windows", async () => {
  assert.deepEqual(await shapeOf("map", "map", {}), { inputs: 1, joins: false });
});
