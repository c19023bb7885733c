import assert from "node:assert/strict";
import { test } from "node:test";
import { Counters, counterNames, droppedPackets, field, fieldsPerPair } from "./counters.ts";

test("a second view of the same memory reads what the first one counted, per ordered pair", () => {
  const buffer = new SharedArrayBuffer(Counters.bytesFor(3));
  const writer = new Counters(buffer, 3);
  writer.values[(1 * 3 + 2) * fieldsPerPair + field.packets]! += 5;
  writer.values[(1 * 3 + 2) * fieldsPerPair + field.droppedMtu]! += 2;
  const reader = new Counters(buffer, 3);
  assert.equal(reader.readPair(1, 2).packets, 5);
  assert.equal(droppedPackets(reader.readPair(1, 2)), 2);
  assert.equal(reader.readPair(2, 1).packets, 0);
});

test("the total sums every field over all pairs, except the greatest delay, which it takes", () => {
  const counters = new Counters(new SharedArrayBuffer(Counters.bytesFor(2)), 2);
  for (const base of [fieldsPerPair, 2 * fieldsPerPair]) {
    for (const name of counterNames) counters.values[base + field[name]] = base + field[name];
  }
  const total = counters.readTotal();
  assert.equal(total.deliveredBytes, 3 * fieldsPerPair + 2 * field.deliveredBytes);
  assert.equal(total.delayMaxNs, 2 * fieldsPerPair + field.delayMaxNs);
});

test("a buffer too small for the nodes is refused with both sizes", () => {
  assert.throws(() => new Counters(new SharedArrayBuffer(100), 4), /need 2048 bytes, not 100/);
});
