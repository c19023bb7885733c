import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { kernel, memory } from "./kernel.ts";
import { textAt } from "./kernel-layout.ts";
import { ReferenceRandom } from "./reference-for-tests.ts";

test("the reference draws what java.util.Random of OpenJDK 17 draws", () => {
  const ints = new ReferenceRandom(42);
  assert.deepEqual([ints.nextInt(), ints.nextInt()], [-1170105035, 234785527]);
  assert.equal(new ReferenceRandom(42).nextLong(), -5025562857975149833n);
  assert.equal(new ReferenceRandom(42).nextDouble(), 0.7275636800328681);
  const draws = (seed: number, bound: number, count: number) => {
    const random = new ReferenceRandom(seed);
    return Array.from({ length: count }, () => random.nextIntBelow(bound));
  };
  assert.deepEqual(draws(42, 100, 5), [30, 63, 48, 84, 70]);
  assert.deepEqual(draws(7, 2 ** 20, 4), [766193, 669555, 785561, 10096]);
  // Nearly half of the draws are rejected at this bound.
  const often = [20678044, 747989380, 1053566254, 755731200, 259278708, 542588911];
  assert.deepEqual(draws(7, 2 ** 30 + 1, 6), often);
});

const events = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("nextInt(bound) equals the reference for any seed and bounds, those that draw again among them", () => {
  const bounds = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    fc.integer({ min: 0, max: 30 }).map((power) => 2 ** power),
    fc.integer({ min: 2 ** 30 + 1, max: 2 ** 30 + 50 }),
  );
  fc.assert(
    fc.property(events, fc.array(bounds, { minLength: 1, maxLength: 20 }), (event, asked) => {
      const random = new ReferenceRandom(event);
      kernel.seed(event);
      for (const bound of asked) assert.equal(kernel.nextInt(bound), random.nextIntBelow(bound));
    }),
  );
});

test("300,000 prices equal the power function's to the cent", () => {
  const random = new ReferenceRandom(7);
  kernel.seed(7);
  for (let draw = 0; draw < 300_000; draw++) {
    const expected = random.price();
    const price = kernel.nextPrice();
    // assert.equal for each would take most of the time.
    if (price !== expected) assert.equal(price, expected, `draw ${draw}`);
  }
});

// Found by a search of 7 million events: 10^(6·nextDouble())·100 is within 4e-7 of a half.
const closeToHalf = [2_496_927, 3_172_832, 4_565_160, 5_755_335, 6_124_342, 6_149_006];

test("a price whose fraction is nearer to a half than the table's error is that of the power function", () => {
  for (const event of closeToHalf) {
    const exact = 10 ** (new ReferenceRandom(event).nextDouble() * 6) * 100;
    assert.ok(Math.abs((exact % 1) - 0.5) < 4e-7, `${exact} is not close to a half`);
    kernel.seed(event);
    assert.equal(kernel.nextPrice(), Math.round(exact));
  }
});

test("letters are six to a draw, and what follows them is drawn as if all were asked for", () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 200 }), (event, length) => {
      const random = new ReferenceRandom(event);
      let drawn = 0;
      let expected = "";
      for (let index = 0; index < length; index++) {
        drawn = index % 6 === 0 ? random.nextInt() : Math.trunc(drawn / 26);
        expected += String.fromCharCode(97 + (drawn % 26));
      }
      kernel.seed(event);
      kernel.letters(textAt, textAt + length);
      assert.equal(Buffer.from(memory.subarray(textAt, textAt + length)).toString("latin1"), expected);
      assert.equal(kernel.nextInt(1000), random.nextIntBelow(1000));
    }),
  );
});

test("words are trimmed at both ends, and may be nothing but spaces", () => {
  const made = new Set<string>();
  for (let event = 0; event < 20_000; event++) {
    const random = new ReferenceRandom(event);
    const expected = random.text(5);
    kernel.seed(event);
    const end = kernel.words(textAt, 3 + kernel.nextInt(2));
    const text = Buffer.from(memory.subarray(textAt, end)).toString("latin1");
    if (text !== expected) assert.equal(text, expected, `event ${event}`);
    made.add(text);
  }
  assert.ok(made.has(""));
});
