import assert from "node:assert/strict";
import { test } from "node:test";
import { BoundedOutOfOrderness } from "./bounded-out-of-orderness.ts";

const settings = { graceMs: 5, splits: 2, idleAfterMs: 1000 };

test("the watermark is the newest time less the grace, of the slowest split", () => {
  const time = new BoundedOutOfOrderness(settings, 0);
  time.observe(0, 100, 0);
  assert.equal(time.watermarkMs, Number.NEGATIVE_INFINITY);
  time.observe(1, 40, 0);
  assert.equal(time.watermarkMs, 35);
  time.observe(1, 20, 0); // Older than the newest: nothing changes.
  assert.equal(time.watermarkMs, 35);
  time.observe(1, 300, 0);
  assert.equal(time.watermarkMs, 95);
});

test("a split that was silent for long, from the start too, holds back nobody until it has records", () => {
  const time = new BoundedOutOfOrderness(settings, 0);
  time.observe(0, 100, 500);
  time.checkIdle(999);
  assert.equal(time.watermarkMs, Number.NEGATIVE_INFINITY);
  time.checkIdle(1000);
  assert.deepEqual([time.watermarkMs, time.isIdle], [95, false]);
  time.checkIdle(1500);
  assert.equal(time.isIdle, true);
  time.observe(1, 120, 1600);
  assert.deepEqual([time.watermarkMs, time.isIdle], [115, false]);
});

test("an ended split is waited for no longer", () => {
  const time = new BoundedOutOfOrderness(settings, 0);
  time.observe(0, 100, 0);
  time.end(1);
  assert.equal(time.watermarkMs, 95);
  time.end(0);
  assert.equal(time.watermarkMs, Number.POSITIVE_INFINITY);
});
