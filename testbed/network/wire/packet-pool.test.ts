import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketPool } from "./packet-pool.ts";

test("a pool hands out each slot once and then none", () => {
  const pool = new PacketPool(new Uint8Array(650), 64);
  const taken = Array.from({ length: 10 }, () => pool.allocate());
  assert.equal(new Set(taken).size, 10);
  assert.equal(pool.allocate(), -1);
  assert.equal(pool.freeSlots, 0);
  pool.release(taken[4]!);
  assert.equal(pool.freeSlots, 1);
  assert.equal(pool.allocate(), taken[4]);
});

test("releasing a slot twice is refused", () => {
  const pool = new PacketPool(new Uint8Array(128), 64);
  const slot = pool.allocate();
  pool.release(slot);
  assert.throws(() => pool.release(slot), /slot \d+ was released without being taken/);
});

test("a copy holds the same bytes in another slot, and is refused when none is free", () => {
  const memory = new Uint8Array(128);
  const pool = new PacketPool(memory, 64);
  const slot = pool.allocate();
  memory.set([1, 2, 3], pool.offsetOf(slot));
  const second = pool.copy(slot, 3);
  assert.notEqual(second, slot);
  assert.deepEqual([...memory.slice(pool.offsetOf(second), pool.offsetOf(second) + 3)], [1, 2, 3]);
  assert.equal(pool.copy(slot, 3), -1);
});

test("flipping a bit changes that bit and no other, and flipping it again undoes it", () => {
  const memory = new Uint8Array(64);
  const pool = new PacketPool(memory, 64);
  pool.flipBit(pool.allocate(), 17);
  assert.deepEqual([...memory.slice(0, 4)], [0, 0, 0x40, 0]);
  pool.flipBit(0, 17);
  assert.ok(memory.every((byte) => byte === 0));
});

test("the header's length is that of IPv4 with its options, of IPv6, or nothing", () => {
  const memory = new Uint8Array(64);
  const pool = new PacketPool(memory, 64);
  for (const [first, bytes] of [
    [0x45, 20],
    [0x4f, 60],
    [0x60, 40],
    [0x10, 0],
  ] as const) {
    memory[0] = first;
    assert.equal(pool.headerBytes(0), bytes);
  }
});
