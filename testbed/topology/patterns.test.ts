import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expandPattern, matchPattern, mostNodes } from "./patterns.ts";

const namesOf = (pattern: string): string[] => {
  const reading = expandPattern(pattern);
  assert.ok("value" in reading, `${pattern} was refused`);
  return reading.value;
};
const known = new Set(["coord", "dsp1", "dsp2", "dsp10", "edge-a-1", "edge-b-1"]);
const matches = (pattern: string): string[] => {
  const reading = matchPattern(pattern, known, []);
  return "value" in reading ? reading.value : [];
};

test("brackets expand to numbers, lists and ranges, in every place of a name", () => {
  assert.deepEqual(namesOf("dsp[1-3]"), ["dsp1", "dsp2", "dsp3"]);
  assert.deepEqual(namesOf("dsp[1,3,7-9]"), ["dsp1", "dsp3", "dsp7", "dsp8", "dsp9"]);
  assert.deepEqual(namesOf("r[1-2]n[1-2]x"), ["r1n1x", "r1n2x", "r2n1x", "r2n2x"]);
  assert.deepEqual(namesOf("a, b[1-2]"), ["a", "b1", "b2"]);
});

test("a leading zero sets the width of the numbers", () => {
  assert.deepEqual(namesOf("dsp[08-11]"), ["dsp08", "dsp09", "dsp10", "dsp11"]);
});

test("a star matches any part of a name", () => {
  assert.deepEqual(matches("*"), [...known]);
  assert.deepEqual(matches("dsp*"), ["dsp1", "dsp2", "dsp10"]);
  assert.deepEqual(matches("edge-*-1"), ["edge-a-1", "edge-b-1"]);
  assert.deepEqual(matches("*[1-2]"), ["dsp1", "edge-a-1", "edge-b-1", "dsp2"]);
  assert.deepEqual(matches("d*p1*"), ["dsp1", "dsp10"]);
  assert.deepEqual(matches("coord*d"), []);
});

test("a form of many stars is matched as fast as one of few", () => {
  const reading = matchPattern(`${"*a".repeat(500)}b`, new Set(["a".repeat(1000)]), []);
  assert.ok("complaint" in reading);
});

test("a pattern is refused when it names too much, whatever its form", () => {
  for (const pattern of [
    `a[0-${mostNodes}]`,
    "a[1-999][1-999]",
    `a[${"1-4000,".repeat(3)}1]`,
    "[1-99][1-99][1-99][1-99][1-99]",
  ]) {
    assert.ok("complaint" in expandPattern(pattern), pattern);
  }
});

test("a pattern matches exactly the names that it was made from", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(numbers, (chosen) => {
      const all = new Set(Array.from({ length: 51 }, (_, index) => `n${index}`));
      const reading = matchPattern(`n[${chosen.join(",")}]`, all, []);
      assert.deepEqual(reading, { value: chosen.map((number) => `n${number}`) });
    }),
    { numRuns: 100 },
  );
});
