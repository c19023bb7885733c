import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteKeyTable } from "./byte-key-table.ts";
import { hashText } from "./java-hash.ts";
import { keyGroupOf } from "./key-groups.ts";
import { sortByKey } from "./snapshot/sort-rows.ts";

const shape = { float64: 1, bytes: 1 };
type Step = ["add" | "delete" | "clear", string];

const keyText = (table: ByteKeyTable, row: number): string => Buffer.from(table.keys.get(row)).toString();
const valueText = (table: ByteKeyTable, row: number): string =>
  Buffer.from(table.bytes[0]!.get(row)).toString();

function checkAgainstMap(steps: readonly Step[]): void {
  const table = new ByteKeyTable("utf8", shape, 128);
  const model = new Map<string, { sum: number; value: string }>();
  for (const [at, [what, key]] of steps.entries()) {
    const bytes = Buffer.from(`>${key}<`); // Not at the start, so that offsets matter.
    const end = bytes.length - 1;
    if (what === "clear") {
      table.clear();
      model.clear();
    } else if (what === "delete") assert.equal(table.delete(bytes, 1, end), model.delete(key));
    else {
      const before = table.rowCount;
      const row = table.rowFor(bytes, 1, end);
      assert.equal(row === before, !model.has(key));
      if (row === before) assert.deepEqual([table.float64[0]![row], valueText(table, row)], [0, ""]);
      const value = "v".repeat((at * 7) % 90) + at;
      table.bytes[0]!.set(row, Buffer.from(value), 0, value.length);
      table.float64[0]![row]! += at;
      model.set(key, { sum: (model.get(key)?.sum ?? 0) + at, value });
    }
    assert.equal(table.rowCount, model.size);
  }
  const rows = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  sortByKey(table, rows);
  const inOrder = [...model.keys()].sort((one, other) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  );
  assert.deepEqual(
    [...rows].map((row) => keyText(table, row)),
    inOrder,
  );
  for (const row of rows) {
    const key = keyText(table, row);
    assert.deepEqual({ sum: table.float64[0]![row], value: valueText(table, row) }, model.get(key));
    assert.equal(table.find(Buffer.from(key), 0, Buffer.byteLength(key)), row);
    assert.equal(table.keyGroups[row], keyGroupOf(hashText(key), 128));
  }
}

test("a table of byte keys does what a Map does, whatever the length of keys and values", () => {
  const keys = fc.oneof(
    fc.integer({ min: 0, max: 60 }).map((at) => `k${at}`),
    fc.constantFrom("", "\0", "\0\0", "Aa", "BB", "é", "😀", "x".repeat(200)),
    fc.string({ unit: "grapheme", maxLength: 12 }),
  );
  const what = fc.oneof(
    { arbitrary: fc.constantFrom("add" as const, "add" as const, "delete" as const), weight: 60 },
    { arbitrary: fc.constant("clear" as const), weight: 1 },
  );
  fc.assert(fc.property(fc.array(fc.tuple(what, keys), { maxLength: 400, size: "max" }), checkAgainstMap));
});

test("keys that share a hash in Java are told apart", () => {
  const keys = Array.from({ length: 512 }, (_, bits) =>
    Array.from({ length: 9 }, (_, at) => ((bits >> at) & 1 ? "Aa" : "BB")).join(""),
  );
  const adds = keys.map((key): Step => ["add", key]);
  const deletes = keys.filter((_, at) => at % 3 !== 0).map((key): Step => ["delete", key]);
  checkAgainstMap([...adds, ...deletes, ...adds.slice(0, 100)]);
});

test("keys of one own hash share a run of slots and each still leaves alone", () => {
  // Multiplying is invertible, so words for a wanted state can be solved for: here all end alike.
  const keys = collidingKeys(200);
  const table = new ByteKeyTable("bytes", { int32: 1 }, 128);
  for (const [at, key] of keys.entries()) table.int32[0]![table.rowFor(key, 0, 8)] = at;
  assert.equal(table.rowCount, 200);
  for (let at = 0; at < 200; at += 2) assert.ok(table.delete(keys[at]!, 0, 8));
  for (const [at, key] of keys.entries()) {
    const row = table.find(key, 0, 8);
    assert.equal(row < 0 ? -1 : table.int32[0]![row], at % 2 === 0 ? -1 : at);
  }
});

/** Keys of 8 bytes: the second word undoes what the first did to the hash. */
function collidingKeys(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, first) => {
    let hash = Math.imul(8 ^ first, 0x9e3779b1);
    hash ^= hash >>> 15;
    return new Uint8Array(Int32Array.of(first, hash ^ 0x1234567).buffer);
  });
}

test("a column of keys finds the rows that its keys find one by one, and makes those that are not there", () => {
  const words = fc.array(fc.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 60 });
  fc.assert(
    fc.property(words, words, fc.nat(10), (before, looked, from) => {
      const byColumn = new ByteKeyTable("utf8", shape, 128);
      const oneByOne = new ByteKeyTable("utf8", shape, 128);
      for (const word of before) {
        const key = Buffer.from(word);
        assert.equal(byColumn.rowFor(key, 0, key.length), oneByOne.rowFor(key, 0, key.length));
      }
      const keys = looked.map((word) => Buffer.from(word));
      const offsets = new Int32Array(keys.length + 1);
      for (const [at, key] of keys.entries()) offsets[at + 1] = offsets[at]! + key.length;
      const column = { offsets, bytes: Buffer.concat(keys) };
      const found = new Int32Array(keys.length).fill(-7);
      byColumn.findAll(column, from, keys.length, found);
      for (const [at, key] of keys.entries()) {
        assert.equal(found[at], at < from ? -7 : oneByOne.find(key, 0, key.length));
      }
      const rows = new Int32Array(keys.length).fill(-7);
      byColumn.rowsFor(column, from, keys.length, rows);
      for (const [at, key] of keys.entries()) {
        assert.equal(rows[at], at < from ? -7 : oneByOne.rowFor(key, 0, key.length));
      }
    }),
  );
});

test("values that are written over and over, and keys that come and go, keep memory bounded", () => {
  const table = new ByteKeyTable("utf8", shape, 128);
  const value = Buffer.alloc(300, 1);
  let most = 0;
  for (let round = 0; round < 20_000; round++) {
    const key = Buffer.from(`key-${round}`);
    const row = table.rowFor(key, 0, key.length);
    for (const length of [10, 300, 20]) table.bytes[0]!.set(row, value, 0, length);
    if (round >= 20) {
      const old = Buffer.from(`key-${round - 20}`);
      assert.ok(table.delete(old, 0, old.length));
    }
    most = Math.max(most, table.memoryBytes);
  }
  assert.equal(table.rowCount, 20);
  assert.ok(most < 20_000, `${most} bytes for 20 rows`);
});

test("memory comes back when keys leave", () => {
  const table = new ByteKeyTable("utf8", shape, 128);
  const empty = table.memoryBytes;
  const keys = Array.from({ length: 5000 }, (_, at) => Buffer.from(`a rather long key ${at}`));
  for (const key of keys) table.rowFor(key, 0, key.length);
  const full = table.memoryBytes;
  for (const key of keys.slice(5)) table.delete(key, 0, key.length);
  assert.ok(table.memoryBytes < full / 50, `${table.memoryBytes} of ${full}`);
  table.clear();
  assert.equal(table.memoryBytes, empty);
});
