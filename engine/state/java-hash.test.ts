import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashByteArray, hashSafeInteger, hashText } from "./java-hash.ts";

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

test("text and byte arrays hash as Java documents it", () => {
  assert.equal(hashText(""), 0);
  assert.equal(hashText("hello"), 99_162_322);
  assert.equal(hashText("Aa"), hashText("BB"));
  assert.equal(hashByteArray(Uint8Array.of(), 0, 0), 1);
  assert.equal(hashByteArray(Uint8Array.of(9, 1, 255, 9), 1, 3), 31 * (31 + 1) - 1);
});
