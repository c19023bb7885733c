import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WatermarkGate } from "./watermark-gate.ts";

test("the watermark is the least of all channels, once each has spoken", () => {
  const gate = new WatermarkGate(2);
  assert.equal(gate.advance(0, 10, 1), false);
  assert.equal(gate.watermarkMs, Number.NEGATIVE_INFINITY);
  assert.equal(gate.advance(1, 7, 2), true);
  assert.deepEqual([gate.watermarkMs, gate.dueMs], [7, 2]);
  assert.equal(gate.advance(1, 20, 3), true);
  assert.deepEqual([gate.watermarkMs, gate.dueMs], [10, 3]);
  assert.equal(gate.advance(1, 30, 4), false);
  assert.equal(gate.dueMs, 3);
});

test("an idle channel holds nobody back, and holds time again from where it was once it is active", () => {
  const gate = new WatermarkGate(2);
  gate.advance(0, 10, 1);
  gate.advance(1, 3, 1);
  assert.equal(gate.setIdle(1), true);
  assert.equal(gate.watermarkMs, 10);
  gate.setActive(1);
  assert.equal(gate.advance(0, 50, 1), false); // Channel 1 is at 3, and time does not go back to it.
  assert.equal(gate.watermarkMs, 10);
  assert.equal(gate.advance(1, 40, 1), true);
  assert.equal(gate.watermarkMs, 40);
});

test("when all are idle the furthest counts, in whatever order they fell silent", () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const gate = new WatermarkGate(2);
    gate.advance(0, 10, 1);
    gate.advance(1, 3, 1);
    for (const channel of order) gate.setIdle(channel);
    assert.deepEqual([gate.watermarkMs, gate.isIdle], [10, true]);
  }
});

test("time ends when every channel has ended, and not while an idle one may come back", () => {
  const gate = new WatermarkGate(2);
  gate.advance(0, 10, 1);
  gate.setIdle(0);
  gate.advance(1, Number.POSITIVE_INFINITY, Number.NaN);
  assert.deepEqual([gate.watermarkMs, gate.isIdle], [10, true]);
  gate.advance(0, Number.POSITIVE_INFINITY, Number.NaN);
  assert.deepEqual([gate.watermarkMs, gate.isIdle], [Number.POSITIVE_INFINITY, false]);
});

test("the watermark never falls, and never passes a channel that was active all along", () => {
  const event = fc.record({
    channel: fc.integer({ min: 0, max: 3 }),
    is: fc.constantFrom("advance", "idle", "active"),
    watermarkMs: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const gate = new WatermarkGate(4);
      const alwaysActive = new Set([0, 1, 2, 3]);
      const newest = [0, 0, 0, 0].map(() => Number.NEGATIVE_INFINITY);
      for (const { channel, is, watermarkMs } of events) {
        const before = gate.watermarkMs;
        if (is === "advance") {
          newest[channel] = Math.max(newest[channel]!, watermarkMs);
          assert.equal(gate.advance(channel, watermarkMs, 0), gate.watermarkMs > before);
        } else if (is === "idle") {
          alwaysActive.delete(channel);
          gate.setIdle(channel);
        } else gate.setActive(channel);
        assert.ok(gate.watermarkMs >= before);
        for (const active of alwaysActive) assert.ok(gate.watermarkMs <= newest[active]!);
      }
    }),
  );
});
