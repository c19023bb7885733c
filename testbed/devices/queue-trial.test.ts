import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals, idealLatencies } from "./queue-trial.ts";

test("on half a core a request of 1 ms takes 2 ms, and waits for the one before it", () => {
  assert.deepEqual(idealLatencies([0, 1, 10], 1, 0.5), [2, 3, 2]);
});

test("gaps between arrivals have the mean that was asked for, and never go back in time", () => {
  let draw = 0;
  const times = arrivals(1000, 4, () => (((draw++ * 0.61803398875) % 1) + 1) % 1);
  assert.ok(Math.abs(times.at(-1)! / 1000 - 4) < 0.1);
  assert.ok(times.every((time, at) => at === 0 || time >= times[at - 1]!));
});
