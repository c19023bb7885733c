import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadPool } from "./payload-pool.ts";

test("memory that was given back is taken again, for a somewhat larger batch too", () => {
  const pool = new PayloadPool();
  const { buffer } = pool.take(70_000);
  pool.give(buffer);
  const again = pool.take(75_000);
  assert.equal(again.buffer, buffer);
  assert.equal(again.length, 75_000);
  assert.notEqual(pool.take(70_000).buffer, buffer, "it is lent");
});

test("as many as wait at once in a queue are kept", () => {
  const pool = new PayloadPool();
  const first = Array.from({ length: 20 }, () => pool.take(70_000).buffer);
  for (const buffer of first) pool.give(buffer);
  const second = Array.from({ length: 20 }, () => pool.take(70_000).buffer);
  assert.deepEqual(new Set(second), new Set(first));
});

test("the small batches of a job's beginning do not keep the memory of large ones from being kept", () => {
  const pool = new PayloadPool();
  const small = Array.from({ length: 40 }, () => pool.take(5000).buffer);
  for (const buffer of small) pool.give(buffer);
  const { buffer } = pool.take(70_000);
  pool.give(buffer);
  assert.equal(pool.take(70_000).buffer, buffer);
});
