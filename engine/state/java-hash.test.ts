import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashBoolean, hashDouble, hashSafeInteger, hashText } from "./java-hash.ts";

const foldWords = (bits: bigint): number =>
  Number(BigInt.asIntN(32, bits ^ (BigInt.asUintN(64, bits) >> 32n)));

test("a safe integer hashes as the 64 bits of a Long folded in two", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), (value) => {
      assert.equal(hashSafeInteger(value), foldWords(BigInt(value)));
    }),
  );
  assert.equal(hashSafeInteger(-0), 0);
  assert.equal(hashSafeInteger(-1), 0);
  for (const value of [2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1]) {
    assert.equal(hashSafeInteger(value), foldWords(BigInt(value)));
  }
});

test("a double hashes as its 64 bits folded in two, and every NaN as Java's one", () => {
  const view = new DataView(new ArrayBuffer(8));
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      view.setFloat64(0, value);
      assert.equal(hashDouble(value), foldWords(view.getBigInt64(0)));
    }),
  );
  view.setBigUint64(0, 0xfff8_0000_0000_0001n);
  assert.equal(hashDouble(view.getFloat64(0)), 2_146_959_360);
  assert.notEqual(hashDouble(-0), hashDouble(0));
});

test("text and booleans hash as Java documents it", () => {
  assert.equal(hashText(""), 0);
  assert.equal(hashText("hello"), 99_162_322);
  assert.equal(hashText("Aa"), hashText("BB"));
  assert.deepEqual([hashBoolean(true), hashBoolean(false)], [1231, 1237]);
});
