import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expandPattern } from "../patterns.ts";
import { compactNames } from "./compact-names.ts";

test("neighbours in the list become one range, others stay apart and in order", () => {
  assert.deepEqual(compactNames(["a", "b1", "b2", "b3", "c9", "b5", "b4"]), [
    "a",
    "b[1-3]",
    "c9",
    "b5",
    "b4",
  ]);
});

test("a number with a leading zero is part of the name", () => {
  assert.deepEqual(compactNames(["pi01", "pi02", "pi10"]), ["pi01", "pi02", "pi10"]);
});

test("expanding the patterns gives the names back, whatever they are", () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
  fc.assert(
    fc.property(fc.array(name, { maxLength: 30 }), (names) => {
      const back = compactNames(names).flatMap((pattern) => {
        const reading = expandPattern(pattern);
        assert.ok("value" in reading, pattern);
        return reading.value;
      });
      assert.deepEqual(back, names);
    }),
  );
});
