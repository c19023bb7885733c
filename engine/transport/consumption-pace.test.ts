import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsumptionPace } from "./consumption-pace.ts";

test("the queue is what is consumed in 200 ms: at once when that grows, within 200 ms when it falls", () => {
  const pace = new ConsumptionPace(0);
  for (let nowMs = 10; nowMs <= 400; nowMs += 10) pace.consumed(100, nowMs);
  assert.equal(pace.queueBytes, 2000);
  pace.consumed(5000, 410);
  assert.ok(pace.queueBytes >= 5000);
  for (let nowMs = 450; nowMs <= 1100; nowMs += 50) pace.consumed(10, nowMs);
  assert.equal(Math.round(pace.queueBytes), 40);
});
