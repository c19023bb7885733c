import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evenAssignment, keyGroupsOf, moves, reassign, weightedAssignment } from "./assignment.ts";

const counts = (subtaskOf: Uint16Array, parallelism: number): number[] =>
  Array.from({ length: parallelism }, (_, subtask) => subtaskOf.filter((owner) => owner === subtask).length);

test("three subtasks own 0 to 42, 43 to 85 and 86 to 127 of 128 groups", () => {
  const even = evenAssignment(128, 3);
  const bounds = [0, 1, 2].map((subtask) => {
    const owned = keyGroupsOf(even, subtask);
    return [owned[0], owned.at(-1), owned.length];
  });
  assert.deepEqual(bounds, [
    [0, 42, 43],
    [43, 85, 43],
    [86, 127, 42],
  ]);
});

test("one more worker of the same weight takes only its own share", () => {
  const before = evenAssignment(128, 3);
  const after = weightedAssignment([1, 1, 1, 1], before);
  const changes = moves(before, after);
  assert.equal(changes.length, 32);
  assert.ok(changes.every(({ to }) => to === 3));
  assert.equal(after.version, 2);
  assert.deepEqual(counts(after.subtaskOf, 4), [32, 32, 32, 32]);
});

test("shares follow the weights, weight 0 owns nothing, a tiny weight owns one group", () => {
  const before = evenAssignment(100, 2);
  assert.deepEqual(counts(weightedAssignment([3, 1], before).subtaskOf, 2), [75, 25]);
  assert.deepEqual(counts(weightedAssignment([0, 1], before).subtaskOf, 2), [0, 100]);
  assert.deepEqual(counts(weightedAssignment([1e-9, 1, 1], before).subtaskOf, 3)[0], 1);
});

test("groups that the weights leave over stay where they are", () => {
  const before = evenAssignment(128, 3); // 43, 43, 42
  const shifted = reassign(before, [{ keyGroup: 0, from: 0, to: 2 }]); // 42, 43, 43
  assert.equal(moves(shifted, weightedAssignment([1, 1, 1], shifted)).length, 0);
});

test("weights are met within one group, with no move beyond what a subtask has too many or none of", () => {
  const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.1, max: 10, noNaN: true }));
  const weights = fc
    .array(weight, { minLength: 1, maxLength: 8 })
    .filter((all) => all.some((one) => one > 0));
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 400 }),
      fc.integer({ min: 1, max: 8 }),
      weights,
      (most, old, now) => {
        const before = evenAssignment(most, old);
        const after = weightedAssignment(now, before);
        const sum = now.reduce((total, one) => total + one, 0);
        const counted = counts(after.subtaskOf, now.length);
        assert.equal(
          counted.reduce((total, one) => total + one, 0),
          most,
        );
        for (const [subtask, one] of now.entries()) {
          assert.ok(Math.abs(counted[subtask]! - (one / sum) * most) <= 1 + 1e-6);
        }
        const held = counts(before.subtaskOf, old);
        const least = held.reduce((total, had, at) => total + Math.max(0, had - (counted[at] ?? 0)), 0);
        assert.equal(moves(before, after).length, least);
      },
    ),
  );
});

test("making the listed moves gives the table that they were read from", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const before = evenAssignment(64, weights.length);
      const after = weightedAssignment(weights, before);
      assert.deepEqual(reassign(before, moves(before, after)), after);
    }),
  );
});

test("what cannot be is refused with the number, and with the key group where there is one", () => {
  const even = evenAssignment(8, 2);
  assert.throws(() => evenAssignment(8, 9), { code: "bad-parallelism", message: /parallelism is 9/ });
  assert.throws(() => evenAssignment(32_769, 2), { code: "bad-max-parallelism", message: /32769/ });
  assert.throws(() => weightedAssignment([1, Number.NaN], even), {
    code: "bad-weight",
    message: /subtask 1 is NaN/,
  });
  assert.throws(() => weightedAssignment([0, 0], even), { code: "bad-weight" });
  assert.throws(() => moves(even, evenAssignment(16, 2)), { code: "other-max-parallelism" });
  const move = (keyGroup: number, from: number, to: number) => () => reassign(even, [{ keyGroup, from, to }]);
  assert.throws(move(8, 0, 1), { code: "no-such-group", keyGroup: 8 });
  assert.throws(move(5, 0, 1), { code: "not-its-owner", keyGroup: 5, message: /subtask 1 owns it/ });
  assert.throws(move(5, 1, 2), { code: "no-such-subtask", keyGroup: 5, message: /0 to 1/ });
  assert.deepEqual(even, evenAssignment(8, 2));
});
