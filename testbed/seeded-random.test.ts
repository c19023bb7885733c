import assert from "node:assert/strict";
import { test } from "node:test";
import { sample, seededRandom } from "./seeded-random.ts";

test("a seed fixes the sequence on every machine", () => {
  const random = seededRandom(1);
  assert.deepEqual(
    [random.next(), random.next()].map((value) => value.toFixed(6)),
    ["0.627074", "0.002736"],
  );
});

test("draws are even: each tenth of [0, 1) gets a tenth of 10,000 draws within 10 %", () => {
  const random = seededRandom(42);
  const tenths = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) tenths[random.below(10)]!++;
  for (const hits of tenths) assert.ok(Math.abs(hits - 1000) < 100, String(tenths));
});

test("a sample keeps the order, holds nothing twice and no more than there is", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const drawn = sample(items, 20, seededRandom(3));
  assert.equal(new Set(drawn).size, 20);
  assert.deepEqual(
    drawn,
    [...drawn].sort((a, b) => a - b),
  );
  assert.deepEqual(sample(items, 80, seededRandom(3)), items);
});
