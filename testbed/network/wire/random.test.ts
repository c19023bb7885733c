import assert from "node:assert/strict";
import { test } from "node:test";
import { PairRandom } from "./random.ts";

const draw = (random: PairRandom, stream: number, count: number): number[] =>
  Array.from({ length: count }, () => random.next(stream));

test("one seed repeats every stream and another seed repeats none", () => {
  assert.deepEqual(draw(new PairRandom(7, 4), 2, 50), draw(new PairRandom(7, 4), 2, 50));
  assert.notDeepEqual(draw(new PairRandom(7, 4), 2, 50), draw(new PairRandom(8, 4), 2, 50));
  assert.notDeepEqual(draw(new PairRandom(7, 4), 2, 50), draw(new PairRandom(7 + 2 ** 40, 4), 2, 50));
});

test("what one stream draws does not depend on what others drew before", () => {
  const disturbed = new PairRandom(3, 4);
  draw(disturbed, 0, 1000);
  draw(disturbed, 3, 17);
  assert.deepEqual(draw(disturbed, 1, 20), draw(new PairRandom(3, 4), 1, 20));
});

test("draws are uniform and neighbouring streams are unrelated", () => {
  const streams = 2000;
  const random = new PairRandom(1, streams);
  const buckets = new Array<number>(16).fill(0);
  let product = 0;
  let before = 0.5;
  for (let stream = 0; stream < streams; stream++) {
    const first = random.next(stream);
    product += (first - 0.5) * (before - 0.5);
    before = first;
    for (const value of [first, ...draw(random, stream, 31)]) {
      assert.ok(value >= 0 && value < 1);
      buckets[Math.floor(value * 16)]!++;
    }
  }
  // 4000 a bucket; chi-squared with 15 degrees of freedom stays below 37.7 in 999 of 1000 draws.
  const chiSquared = buckets.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0);
  assert.ok(chiSquared < 37.7, `chi-squared ${chiSquared}`);
  assert.ok(Math.abs((product / streams) * 12) < 0.08, "first draws of neighbours are correlated");
});

test("below stays under its limit and reaches every number", () => {
  const random = new PairRandom(1, 1);
  const seen = new Set(Array.from({ length: 500 }, () => random.below(0, 7)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
});
