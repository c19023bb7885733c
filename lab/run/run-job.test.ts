import assert from "node:assert/strict";
import { test } from "node:test";
import { onRunClock } from "./run-job.ts";

test("steps by hand come so long after the load began, at times that a reason can tell", () => {
  const steps = [{ atMs: 4_000, parallelism: 2 }];
  // 7715.1 ms after the run's start.
  assert.deepEqual(onRunClock(steps, 7_715.110597999999), [{ atMs: 11_716, parallelism: 2 }]);
});
