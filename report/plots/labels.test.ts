import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { logTicks } from "./draw.ts";
import { apart } from "./labels.ts";

test("labels are moved apart, keep their order and the frame, and stay where there is room", () => {
  const wanted = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 15 });
  fc.assert(
    fc.property(wanted, (places) => {
      const sorted = places.toSorted((one, other) => one - other);
      const placed = apart(sorted, 14, 0, 300);
      assert.equal(placed.length, sorted.length);
      for (const [index, place] of placed.entries()) {
        assert.ok(place >= -1e-9 && place <= 300 + 1e-9, `${place}`);
        if (index > 0) assert.ok(place - placed[index - 1]! >= 14 - 1e-9);
      }
      const hasRoom = sorted.every((place, index) => index === 0 || place - sorted[index - 1]! >= 14);
      if (hasRoom) assert.deepEqual(placed, sorted);
    }),
  );
});

test("a logarithmic axis is marked with few round figures within it", () => {
  assert.deepEqual(logTicks(3, 120), [5, 10, 20, 50, 100]);
  assert.deepEqual(logTicks(0.5, 200_000), [1, 10, 100, 1000, 10_000, 100_000]);
});
