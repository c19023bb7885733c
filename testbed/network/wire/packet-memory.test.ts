import assert from "node:assert/strict";
import { test } from "node:test";
import { allocatePacketMemory, frameHeaderBytes, sendBatch, writeNames } from "./packet-memory.ts";

const nodes = 5;

for (const mtuBytes of [576, 1500, 9000]) {
  test(`at an MTU of ${mtuBytes} a frame and a slot have room for a packet, and no two tables overlap`, () => {
    const memory = allocatePacketMemory(mtuBytes, nodes, 100, 64);
    assert.ok(memory.ring.frameBytes >= mtuBytes + frameHeaderBytes);
    assert.equal(Math.log2(memory.ring.frameBytes) % 1, 0, "the kernel wants blocks of whole frames");
    assert.ok(memory.slots.slotBytes >= mtuBytes);
    const parts = [
      [memory.ring.offset, memory.ring.bytes],
      [memory.slots.offset, memory.slots.bytes],
      [memory.messages, 64 * sendBatch],
      [memory.vectors, 16 * sendBatch],
      [memory.names, 32 * 2 * nodes],
      [memory.poll, 16],
      [memory.wait, 16],
      [memory.clock, 16],
    ] as const;
    let end = 0;
    for (const [offset, bytes] of parts) {
      assert.ok(offset >= end, `${offset} begins before ${end}`);
      assert.equal(offset % 8, 0);
      end = offset + bytes;
    }
    assert.ok(end <= memory.buffer.byteLength);
  });
}

test("no allocation crosses a 4 GiB line, so that the upper half of every address in it is the same", () => {
  for (let round = 0; round < 5; round++) {
    const memory = allocatePacketMemory(9000, nodes, 1 << 16, 4096);
    const line = (offset: number) => Math.floor(memory.address(offset) / 2 ** 32);
    assert.equal(line(0), line(memory.buffer.byteLength - 1));
  }
});

test("every message names one vector of its own and twenty bytes of a name", () => {
  const memory = allocatePacketMemory(1500, nodes, 10, 64);
  const view = new DataView(memory.buffer);
  const vectors = new Set<bigint>();
  for (let index = 0; index < sendBatch; index++) {
    const message = memory.messages + 64 * index;
    assert.equal(view.getUint32(message + 8, true), 20);
    assert.equal(view.getBigUint64(message + 24, true), 1n);
    vectors.add(view.getBigUint64(message + 16, true));
  }
  assert.equal(vectors.size, sendBatch);
  assert.ok(vectors.has(BigInt(memory.address(memory.vectors))));
});

test("a node's two names say its interface and its address, one for each family", () => {
  const memory = allocatePacketMemory(1500, nodes, 10, 64);
  writeNames(memory, 3, 1003, Uint8Array.of(2, 0, 0, 0, 0, 3));
  for (const [family, protocol] of [0x0800, 0x86dd].entries()) {
    const view = new DataView(memory.buffer, memory.names + 32 * (3 * 2 + family), 32);
    assert.equal(view.getUint16(0, true), 17);
    assert.equal(view.getUint16(2), protocol);
    assert.equal(view.getInt32(4, true), 1003);
    assert.equal(view.getUint8(11), 6);
    assert.equal(view.getUint8(17), 3);
  }
  assert.equal(
    new DataView(memory.buffer).getUint16(memory.names + 32 * 2 * 2, true),
    0,
    "its neighbour has none",
  );
});
