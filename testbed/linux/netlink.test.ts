import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attribute, concat, readAttributes, text, uint32 } from "./netlink.ts";

const anyAttributes = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 0x3fff }), fc.uint8Array({ maxLength: 40 })),
  {
    selector: ([type]) => type,
    maxLength: 8,
  },
);

test("attributes written one after the other are read back, whatever their lengths", () => {
  fc.assert(
    fc.property(anyAttributes, fc.nat(7), (list, offset) => {
      const bytes = concat(...list.map(([type, value]) => attribute(type, value)));
      const memory = new Uint8Array(bytes.length + offset);
      memory.set(bytes, offset);
      const read = readAttributes(memory.subarray(offset));
      assert.deepEqual(
        [...read].map(([type, value]) => [type, [...value]]),
        list.map(([type, value]) => [type, [...value]]),
      );
    }),
    { seed: 13 },
  );
});

test("every attribute ends where the next may begin, at a multiple of four, and its own length does not count the padding", () => {
  for (let length = 0; length < 9; length++) {
    const bytes = attribute(7, new Uint8Array(length));
    assert.equal(bytes.length % 4, 0);
    assert.equal(new DataView(bytes.buffer).getUint16(0, true), 4 + length);
  }
});

test("an attribute may hold attributes", () => {
  const outer = readAttributes(attribute(18, attribute(1, text("veth")), attribute(2, uint32(7)))).get(18)!;
  const inner = readAttributes(outer);
  assert.equal(Buffer.from(inner.get(1)!).toString(), "veth\0");
  assert.deepEqual([...inner.get(2)!], [7, 0, 0, 0]);
});

test("the flags in an attribute's type do not change which it is", () => {
  const nested = attribute(0x8000 | 18, uint32(1));
  assert.ok(readAttributes(nested).has(18));
});

test("bytes that are no attributes end the reading instead of holding it up", () => {
  assert.equal(readAttributes(new Uint8Array(64)).size, 0);
  assert.equal(readAttributes(Uint8Array.of(1, 2, 3)).size, 0);
});
