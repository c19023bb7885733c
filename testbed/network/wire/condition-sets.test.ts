import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conditions } from "#testbed/network/conditions.ts";
import { ConditionSets, impairment } from "./condition-sets.ts";

test("a set lives while a pair holds it, and its number serves another afterwards", () => {
  const sets = new ConditionSets();
  const first: Conditions = { delayMs: 1 };
  const number = sets.hold(first);
  assert.equal(sets.hold(first), number);
  sets.release(number);
  assert.equal(sets.delayNs[number], 1e6);
  assert.equal(sets.size, 2);
  sets.release(number);
  assert.equal(sets.size, 1);
  assert.equal(sets.hold({ delayMs: 2 }), number);
  assert.equal(sets.delayNs[number], 2e6);
});

test("a number that is used again keeps nothing of the set before", () => {
  const sets = new ConditionSets();
  const everything: Conditions = {
    delayMs: 1,
    jitter: { spreadMs: 1, distribution: "normal", reorder: true },
    loss: { model: "random", ratio: 0.5 },
    duplicateRatio: 0.1,
    corruptRatio: 0.1,
    mtuBytes: 1400,
    cut: true,
  };
  const number = sets.hold(everything);
  assert.equal(sets.impairments[number], 1 + 2 + 4 + 16 + 32);
  sets.release(number);
  sets.hold({ delayMs: 0 });
  assert.equal(sets.impairments[number], 0);
  assert.equal(sets.jitter[number], undefined);
  assert.equal(sets.reorders[number], 0);
});

test("ten thousand sets are held side by side, and set 0 stays cut", () => {
  const sets = new ConditionSets();
  const numbers = Array.from({ length: 10_000 }, (_, delayMs) => sets.hold({ delayMs }));
  assert.deepEqual(
    numbers.map((number) => sets.delayNs[number]! / 1e6),
    Array.from({ length: 10_000 }, (_, delayMs) => delayMs),
  );
  sets.release(0);
  assert.equal(sets.impairments[0], impairment.cut);
});
