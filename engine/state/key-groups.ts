/**
 * From a key to its key group, as Flink does it: Java's hash of the key, mixed by one round of murmur3, modulo the
 * maximum parallelism. One at a time, and for whole columns into an array that the caller keeps.
 */
import type { BytesColumn, Column } from "../records/batch.ts";
import { hashByteArray, hashSafeInteger, hashUtf8 } from "./java-hash.ts";
import { fewKeys, findGroups } from "./key-group-kernel.ts";
import type { KeyType } from "./operator-state.ts";

/** Flink's bound (KeyGroupRangeAssignment), and what makes a group fit the arrays of 16 bits below. */
export const maxParallelismLimit = 32_768;

/** The key group of a key of which `hash` is Java's hash. */
export function keyGroupOf(hash: number, maxParallelism: number): number {
  return murmur(hash) % maxParallelism;
}

/** MathUtils.murmurHash: murmur3 of one word, made non-negative. Its result is in [0, 2^31). */
function murmur(hash: number): number {
  let word = Math.imul(hash, 0xcc9e2d51);
  word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
  word = (Math.imul((word << 13) | (word >>> 19), 5) + 0xe6546b64) ^ 4;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  word ^= word >>> 16;
  // The absolute value without a branch, which every other key would mispredict (measured: 61 against 155 M keys/s). The
  // mask turns -2^31, which has no positive twin in 32 bits, into the 0 that Flink gives it.
  const sign = word >> 31;
  return ((word ^ sign) - sign) & 0x7fffffff;
}

/** Groups of the first `count` keys of a batch's column. */
export function keyGroupsOfColumn(
  key: KeyType,
  column: Column,
  count: number,
  maxParallelism: number,
  into: Uint16Array,
): void {
  if (key === "int32") keyGroupsOfInt32s(column as Int32Array, count, maxParallelism, into);
  else if (key === "utf8" || key === "bytes") {
    const { bytes, offsets } = column as BytesColumn;
    const groups = key === "utf8" ? keyGroupsOfUtf8 : keyGroupsOfByteArrays;
    groups(bytes, offsets, count, maxParallelism, into);
  } else keyGroupsOfSafeIntegers(column as Float64Array, count, maxParallelism, into);
}

/** Groups of the first `count` int32 keys. */
export function keyGroupsOfInt32s(
  keys: Int32Array,
  count: number,
  maxParallelism: number,
  into: Uint16Array,
): void {
  const mask = maxParallelism - 1;
  if ((maxParallelism & mask) === 0) {
    // A division is half of the work (measured: 7 against 4 ns a key), and most jobs have a power of two.
    if (count >= fewKeys && findGroups(keys, count, mask, into)) return;
    for (let index = 0; index < count; index++) into[index] = murmur(keys[index]!) & mask;
  } else for (let index = 0; index < count; index++) into[index] = murmur(keys[index]!) % maxParallelism;
}

/** Groups of the first `count` keys that are safe integers (Java's Long, timestamps among them). */
export function keyGroupsOfSafeIntegers(
  keys: Float64Array,
  count: number,
  maxParallelism: number,
  into: Uint16Array,
): void {
  const mask = maxParallelism - 1;
  if ((maxParallelism & mask) === 0) {
    if (count >= fewKeys && findGroups(keys, count, mask, into)) return;
    for (let index = 0; index < count; index++) into[index] = murmur(hashSafeInteger(keys[index]!)) & mask;
  } else {
    for (let index = 0; index < count; index++) {
      into[index] = murmur(hashSafeInteger(keys[index]!)) % maxParallelism;
    }
  }
}

/** Groups of the first `count` text keys; key i is the UTF-8 in bytes[offsets[i], offsets[i + 1]). */
export function keyGroupsOfUtf8(
  bytes: Uint8Array,
  offsets: Uint32Array | Int32Array,
  count: number,
  maxParallelism: number,
  into: Uint16Array,
): void {
  for (let index = 0; index < count; index++) {
    into[index] = murmur(hashUtf8(bytes, offsets[index]!, offsets[index + 1]!)) % maxParallelism;
  }
}

/** Groups of the first `count` keys that are byte strings and no text. */
export function keyGroupsOfByteArrays(
  bytes: Uint8Array,
  offsets: Uint32Array | Int32Array,
  count: number,
  maxParallelism: number,
  into: Uint16Array,
): void {
  for (let index = 0; index < count; index++) {
    into[index] = murmur(hashByteArray(bytes, offsets[index]!, offsets[index + 1]!)) % maxParallelism;
  }
}
