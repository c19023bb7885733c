import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PairBeliefs } from "./pair-beliefs.ts";

test("each pair has its own belief, the same both ways, and none before it was set", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (size, share) => {
        const beliefs = new PairBeliefs(size);
        const belief = (one: number, other: number) => {
          const rttMs = Math.min(one, other) * 100 + Math.max(one, other);
          return { rttMs, lowMs: rttMs - 1, highMs: rttMs + 1 };
        };
        const isSet = (one: number, other: number) => (one * 7 + other * 7) % 10 < share * 10;
        for (let one = 0; one < size; one++) {
          for (let other = 0; other < one; other++) {
            if (isSet(one, other)) beliefs.set(one, other, belief(one, other));
          }
        }
        for (let one = 0; one < size; one++) {
          for (let other = 0; other < size; other++) {
            const wanted = isSet(one, other) ? belief(one, other) : undefined;
            assert.deepEqual(
              beliefs.at(one, other),
              one === other ? { rttMs: 0, lowMs: 0, highMs: 0 } : wanted,
            );
          }
        }
      },
    ),
  );
});

test("nothing can be believed of the way within a node", () => {
  assert.throws(() => new PairBeliefs(3).set(1, 1, { rttMs: 1, lowMs: 1, highMs: 1 }), RangeError);
});
