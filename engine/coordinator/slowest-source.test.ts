import assert from "node:assert/strict";
import { test } from "node:test";
import { SlowestSource } from "./slowest-source.ts";

test("all are told how far the slowest is whenever that is news, and that nobody is at work any more", () => {
  const slowest = new SlowestSource(80);
  assert.equal(slowest.heard("w1", 100), 100);
  assert.equal(slowest.heard("w2", 95), undefined);
  assert.equal(slowest.heard("w2", 130), undefined, "w1 is at 100");
  assert.equal(slowest.heard("w1", 120), 120);
  assert.equal(slowest.heard("w1", null), 130);
  assert.equal(slowest.heard("w2", null), null);
  assert.equal(slowest.heard("w2", null), undefined);
});
