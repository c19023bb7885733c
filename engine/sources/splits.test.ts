import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { Splits } from "./splits.ts";

const settings = { splits: 8, blockRows: 3, end: 100 };
const splitsOf = (subtask: number, parallelism: number, changes = {}) =>
  new Splits({ ...settings, subtask, parallelism, ...changes });

function numbersOf(splits: Splits, limit: number, most = Number.POSITIVE_INFINITY): number[] {
  const numbers: number[] = [];
  while (numbers.length < most) {
    const range = splits.take(Math.min(limit, most - numbers.length));
    if (range === undefined) break;
    assert.equal(range.first + range.count - 1 < settings.end, true);
    for (let at = 0; at < range.count; at++) numbers.push(range.first + at);
  }
  return numbers;
}

test("subtasks together take every number once, each in ascending order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }), (parallelism, limit) => {
      const all = Array.from({ length: parallelism }, (_, subtask) =>
        numbersOf(splitsOf(subtask, parallelism), limit),
      );
      for (const own of all)
        assert.deepEqual(
          own,
          [...own].sort((one, other) => one - other),
        );
      assert.deepEqual(
        all.flat().sort((one, other) => one - other),
        [...Array(settings.end).keys()],
      );
    }),
  );
});

test("a single subtask takes ranges as long as it asks for, whatever the blocks", () => {
  assert.deepEqual(splitsOf(0, 1).take(50), { first: 0, count: 50 });
});

test("positions restored at another parallelism leave out nothing and repeat nothing", () => {
  const parallelisms = fc.integer({ min: 1, max: 10 });
  fc.assert(
    fc.property(
      parallelisms,
      parallelisms,
      fc.array(fc.nat(30), { minLength: 10, maxLength: 10 }),
      (from, to, taken) => {
        const before = Array.from({ length: from }, (_, subtask) => splitsOf(subtask, from));
        const first = before.flatMap((splits, subtask) => numbersOf(splits, 7, taken[subtask]));
        const saved = before.flatMap((splits) => splits.encode(Number.NaN));
        const rest = Array.from({ length: to }, (_, subtask) => {
          const splits = splitsOf(subtask, to);
          splits.restore(saved);
          const lowest = splits.lowest;
          const numbers = numbersOf(splits, 5);
          assert.equal(numbers[0] ?? Number.POSITIVE_INFINITY, lowest);
          assert.deepEqual(
            numbers,
            [...numbers].sort((one, other) => one - other),
          );
          return numbers;
        });
        const all = [...first, ...rest.flat()].sort((one, other) => one - other);
        assert.deepEqual(all, [...Array(settings.end).keys()]);
      },
    ),
  );
});

test("nothing at or above `before` is taken, and what is held back comes later", () => {
  const splits = splitsOf(0, 1);
  assert.deepEqual(splits.take(100, 5), { first: 0, count: 5 });
  assert.equal(splits.take(100, 5), undefined);
  assert.deepEqual(splits.take(100, 6), { first: 5, count: 1 });
});

test("a subtask without a split is at its end at once", () => {
  assert.equal(splitsOf(9, 10).lowest, Number.POSITIVE_INFINITY);
  assert.equal(splitsOf(9, 10).take(1), undefined);
});

test("the latest start is restored, and positions of other splits are refused", () => {
  const saved = [...splitsOf(0, 2).encode(10), ...splitsOf(1, 2).encode(20)];
  assert.equal(splitsOf(0, 1).restore(saved), 20);
  assert.ok(Number.isNaN(splitsOf(0, 1).restore([])));
  assert.throws(
    () => splitsOf(0, 1, { splits: 9 }).restore(saved),
    (error: Error) => {
      assert.ok(error instanceof EngineError && error.code === "other-splits");
      assert.match(error.message, /saved with splits 8 and is to go on with 9/);
      return true;
    },
  );
});

test("after a skip exactly the numbers from there on are left, of those that were not taken", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(60),
      fc.nat(99),
      fc.integer({ min: 1, max: 20 }),
      (parallelism, before, from, limit) => {
        for (let subtask = 0; subtask < parallelism; subtask++) {
          const own = numbersOf(splitsOf(subtask, parallelism), limit);
          const splits = splitsOf(subtask, parallelism);
          const taken = numbersOf(splits, limit, before);
          splits.skipTo(from);
          const left = own.filter((number) => number >= from && !taken.includes(number));
          assert.deepEqual(numbersOf(splits, limit), left);
        }
      },
    ),
  );
});
