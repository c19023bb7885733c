import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chanceOf, chanceStages, duplicateActions } from "./duplication.ts";

test("stages come within a thousandth of any ratio from one in 10,000 to certainty", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.0001, max: 1, noNaN: true }), (ratio) => {
      const chance = chanceOf(chanceStages(ratio));
      assert.ok(Math.abs(chance / ratio - 1) < 0.001, `${chance} for ${ratio}`);
    }),
  );
});

test("odds stay within what the kernel takes", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.00001, max: 1, noNaN: true }), (ratio) => {
      for (const { odds } of chanceStages(ratio))
        assert.ok(Number.isInteger(odds) && odds >= 2 && odds <= 10_000, `${odds}`);
    }),
  );
});

test("the copy carries another mark than its original, so that it is not copied again", () => {
  assert.deepEqual(duplicateActions(0.01, "n4", "1:1002", 0x11002), [
    "action gact pass random netrand pipe 100",
    "action skbedit priority 1:1002 mark 0xd",
    "action mirred egress mirror dev n4",
    "action skbedit mark 0x11002",
  ]);
});
