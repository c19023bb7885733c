import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashByteArray, hashSafeInteger, hashText, hashUtf8 } from "./java-hash.ts";
import { keyGroupOf, keyGroupsOfColumn } from "./key-groups.ts";

/** Key groups that Flink gives, at a maximum parallelism of 128. */
test("key groups are those of Flink", () => {
  assert.equal(keyGroupOf(hashSafeInteger(1000), 128), 7);
  assert.equal(keyGroupOf(hashSafeInteger(1001), 128), 69);
  assert.equal(keyGroupOf(42, 128), 29);
  assert.equal(keyGroupOf(-1, 128), 80);
  assert.equal(keyGroupOf(hashText("a"), 128), 81);
  assert.equal(keyGroupOf(hashText("word"), 128), 93);
});

test("the one hash whose mixed word has no absolute value falls into group 0", () => {
  assert.equal(keyGroupOf(-2_089_875_627, 128), 0);
  assert.equal(keyGroupOf(-2_089_875_627, 127), 0);
});

test("a column of keys gets the groups that its keys get one by one", () => {
  const most = fc.oneof(fc.integer({ min: 1, max: 32_768 }), fc.constantFrom(1, 2, 128, 32_768));
  const into = new Uint16Array(50);
  const check = (count: number, hashes: number[], maxParallelism: number): void => {
    const expected = hashes.map((hash) => keyGroupOf(hash, maxParallelism));
    assert.deepEqual([...into.subarray(0, count)], expected);
    assert.ok(expected.every((group) => group >= 0 && group < maxParallelism));
  };
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 50 }), most, (keys, maxParallelism) => {
      keyGroupsOfColumn("int32", Int32Array.from(keys), keys.length, maxParallelism, into);
      check(keys.length, keys, maxParallelism);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 50 }), most, (keys, maxParallelism) => {
      keyGroupsOfColumn("integer", Float64Array.from(keys), keys.length, maxParallelism, into);
      check(keys.length, keys.map(hashSafeInteger), maxParallelism);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 50 }), most, (keys, maxParallelism) => {
      const encoded = keys.map((key) => Buffer.from(key));
      const offsets = new Int32Array(keys.length + 1);
      for (const [at, bytes] of encoded.entries()) offsets[at + 1] = offsets[at]! + bytes.length;
      const column = { offsets, bytes: Buffer.concat(encoded) };
      keyGroupsOfColumn("utf8", column, keys.length, maxParallelism, into);
      check(keys.length, keys.map(hashText), maxParallelism);
      keyGroupsOfColumn("bytes", column, keys.length, maxParallelism, into);
      const hashes = encoded.map((key) => hashByteArray(key, 0, key.length));
      check(keys.length, hashes, maxParallelism);
    }),
  );
});

test("long columns of integers, which are hashed by vectors, get the same groups", () => {
  const ends = [0, -0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, -(2 ** 32)];
  const safe = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.nat(100), fc.constantFrom(...ends));
  // The hash whose mixed word has no absolute value among them.
  const short = fc.oneof(fc.integer(), fc.constantFrom(-2_089_875_627, 0, -1, -(2 ** 31)));
  const long = { minLength: 64, maxLength: 300, size: "max" } as const;
  const powers = fc.nat(15).map((power) => 2 ** power);
  // Longer than what is hashed at once.
  const repeats = fc.constantFrom(1, 20);
  fc.assert(
    fc.property(fc.array(short, long), fc.array(safe, long), repeats, powers, (ints, all, times, most) => {
      const short = Array.from({ length: times }, () => ints).flat();
      const wide = Array.from({ length: times }, () => all).flat();
      const into = new Uint16Array(Math.max(short.length, wide.length));
      keyGroupsOfColumn("int32", Int32Array.from(short), short.length, most, into);
      assert.deepEqual(
        [...into.subarray(0, short.length)],
        short.map((hash) => keyGroupOf(hash, most)),
      );
      keyGroupsOfColumn("integer", Float64Array.from(wide), wide.length, most, into);
      assert.deepEqual(
        [...into.subarray(0, wide.length)],
        wide.map((key) => keyGroupOf(hashSafeInteger(key), most)),
      );
    }),
    { numRuns: 30 },
  );
});

test("what is no key is left to the table to refuse", () => {
  const keys = new Float64Array(64).fill(Number.NaN).fill(Number.POSITIVE_INFINITY, 32);
  keyGroupsOfColumn("integer", keys, keys.length, 128, new Uint16Array(64));
});

test("bytes of UTF-8 hash as the text that they are, wherever they lie", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(5), (text, before) => {
      const encoded = Buffer.from(text);
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), encoded, Buffer.from([0xbf])]);
      assert.equal(hashUtf8(bytes, before, before + encoded.length), hashText(text));
    }),
  );
});

test("a character that is cut short does not take in the bytes of the next key", () => {
  const cut = [0xe2, 0x82];
  const one = hashUtf8(Uint8Array.of(...cut, 0xac), 0, 2);
  assert.equal(one, hashUtf8(Uint8Array.of(...cut, 0x41), 0, 2));
});
