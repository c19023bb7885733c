import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type IntegerKeyType, IntegerTable } from "./integer-table.ts";
import { hashSafeInteger } from "./java-hash.ts";
import { keyGroupOf } from "./key-groups.ts";
import { sortByKey } from "./snapshot/sort-rows.ts";

const shape = { float64: 2, int32: 1, bytes: 1 };
type Step = ["add" | "delete" | "find" | "clear", number];

function contents(table: IntegerTable): [number, number][] {
  const order = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  sortByKey(table, order);
  return [...order].map((row) => [table.keys[row]!, table.float64[0]![row]!]);
}

/** Does the steps on a table and on a Map, and compares what they hold after each. */
function checkAgainstMap(keyType: IntegerKeyType, steps: readonly Step[]): void {
  const table = new IntegerTable(keyType, shape, 128);
  const model = new Map<number, number>();
  for (const [at, [what, key]] of steps.entries()) {
    if (what === "clear") {
      table.clear();
      model.clear();
    } else if (what === "delete") assert.equal(table.delete(key), model.delete(key));
    else if (what === "find") {
      const row = table.find(key);
      assert.equal(row < 0 ? undefined : table.float64[0]![row], model.get(key));
    } else {
      const before = table.rowCount;
      const row = table.rowFor(key);
      assert.equal(row === before, !model.has(key));
      if (row === before) assert.deepEqual([table.float64[1]![row], table.int32[0]![row]], [0, 0]);
      assert.equal(table.keys[row], key === 0 ? 0 : key);
      table.float64[0]![row]! += at;
      table.float64[1]![row] = -key;
      table.int32[0]![row] = key | 0;
      table.bytes[0]!.set(row, Buffer.from(`value of ${key === 0 ? 0 : key}`), 6, 9 + String(key).length);
      model.set(key, (model.get(key) ?? 0) + at);
    }
    assert.equal(table.rowCount, model.size);
  }
  assert.deepEqual(
    contents(table),
    [...model].map(([key, sum]) => [key === 0 ? 0 : key, sum]).sort(([a], [b]) => a! - b!),
  );
  for (let row = 0; row < table.rowCount; row++) {
    const key = table.keys[row]!;
    assert.equal(table.find(key), row);
    assert.equal(table.keyGroups[row], keyGroupOf(keyType === "int32" ? key : hashSafeInteger(key), 128));
    assert.equal(table.float64[1]![row], key === 0 ? table.float64[1]![row] : -key);
    assert.equal(table.int32[0]![row], key | 0);
    assert.equal(
      Buffer.from(table.bytes[0]!.get(row)).toString(),
      `of ${key}`.slice(0, 3 + String(key).length),
    );
  }
}

const steps = (keys: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.tuple(
      fc.oneof(
        { arbitrary: fc.constantFrom("add" as const, "delete" as const, "find" as const), weight: 60 },
        { arbitrary: fc.constant("clear" as const), weight: 1 },
      ),
      keys,
    ),
    { maxLength: 400, size: "max" },
  );

test("a table of int32 keys does what a Map does", () => {
  const keys = fc.oneof(fc.integer({ min: -20, max: 40 }), fc.integer());
  fc.assert(fc.property(steps(keys), (all) => checkAgainstMap("int32", all)));
});

test("a table of safe integers does what a Map does, at their bounds and at both zeros too", () => {
  const edges = [0, -0, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1];
  const keys = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: -9, max: 9 }), fc.maxSafeInteger());
  fc.assert(fc.property(steps(keys), (all) => checkAgainstMap("integer", all)));
});

test("keys that share a hash in Java and lie a power of two apart are told apart", () => {
  const folded = Array.from({ length: 500 }, (_, at) => at * 2 ** 32 + at); // Long.hashCode is 0 for all.
  const strided = Array.from({ length: 500 }, (_, at) => (at - 250) * 2 ** 24);
  for (const keys of [folded, strided]) {
    const adds = keys.map((key): Step => ["add", key]);
    const deletes = keys.filter((_, at) => at % 3 !== 0).map((key): Step => ["delete", key]);
    checkAgainstMap("integer", [...adds, ...deletes, ...adds.slice(0, 100)]);
  }
});

test("a short key and long ones that fold to it are told apart, whichever came first", () => {
  // Folding a key of more than 32 bits multiplies its high part by 0x85ebca6b.
  const folding = (to: number, high: number) => high * 2 ** 32 + ((to ^ Math.imul(high, 0x85ebca6b)) >>> 0);
  const keys = Array.from({ length: 200 }, (_, at) => at - 100).flatMap((key) => [
    key,
    folding(key, 1),
    folding(key, 77),
  ]);
  for (const all of [keys, keys.toReversed()]) {
    const adds = all.map((key): Step => ["add", key]);
    const deletes = all.filter((_, at) => at % 3 !== 1).map((key): Step => ["delete", key]);
    checkAgainstMap("integer", [...adds, ...deletes, ...adds]);
    const table = new IntegerTable("integer", shape, 128);
    const rows = new Int32Array(all.length);
    table.rowsFor(Float64Array.from(all), 0, all.length, rows);
    assert.deepEqual([...rows], [...all.keys()]);
    table.findAll(Float64Array.from(all), 0, all.length, rows);
    assert.deepEqual([...rows], [...all.keys()]);
  }
});

test("what is no key of the table is refused by its value and leaves the table as it was", () => {
  const safe = new IntegerTable("integer", shape, 128);
  for (const wrong of [Number.NaN, 0.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.throws(() => safe.rowFor(wrong), {
      code: "bad-key",
      message: new RegExp(`^${wrong} cannot be a key`),
    });
    assert.equal(safe.find(wrong), -1);
    assert.equal(safe.delete(wrong), false);
  }
  const narrow = new IntegerTable("int32", shape, 128);
  assert.throws(() => narrow.rowFor(2 ** 31), /2147483648 cannot be a key.*\n.* int32/);
  assert.throws(() => narrow.rowFor(Number.NaN), /NaN cannot be a key/);
  assert.deepEqual([safe.rowCount, narrow.rowCount], [0, 0]);
});

test("a column of keys finds the rows that its keys find one by one, and makes those that are not there", () => {
  const keys = fc.oneof(fc.integer({ min: -20, max: 40 }), fc.maxSafeInteger(), fc.constant(-0));
  const someKeys = fc.array(keys, { maxLength: 100 });
  fc.assert(
    fc.property(someKeys, someKeys, fc.nat(20), (before, looked, from) => {
      const byColumn = new IntegerTable("integer", shape, 128);
      const oneByOne = new IntegerTable("integer", shape, 128);
      for (const key of before) assert.equal(byColumn.rowFor(key), oneByOne.rowFor(key));
      const rows = new Int32Array(looked.length).fill(-7);
      const found = rows.slice();
      byColumn.findAll(Float64Array.from(looked), from, looked.length, found);
      for (let at = 0; at < looked.length; at++) {
        assert.equal(found[at], at < from ? -7 : oneByOne.find(looked[at]!));
      }
      byColumn.rowsFor(Float64Array.from(looked), from, looked.length, rows);
      for (let at = 0; at < looked.length; at++) {
        assert.equal(rows[at], at < from ? -7 : oneByOne.rowFor(looked[at]!));
      }
      assert.equal(byColumn.rowCount, oneByOne.rowCount);
      const groups = ({ keyGroups, rowCount }: IntegerTable) => [...keyGroups.subarray(0, rowCount)];
      assert.deepEqual(groups(byColumn), groups(oneByOne));
      assert.deepEqual(contents(byColumn), contents(oneByOne));
    }),
  );
  const narrow = new IntegerTable("int32", shape, 128);
  const rows = new Int32Array(4);
  narrow.rowsFor(Int32Array.of(5, -5, 5, 7), 0, 4, rows);
  assert.deepEqual([...rows], [0, 1, 0, 2]);
});

test("a column with a key that is none is refused, and the rows made before it are whole", () => {
  for (const keyType of ["int32", "integer"] as const) {
    const table = new IntegerTable(keyType, shape, 128);
    const column = Float64Array.of(3, 1000, 0.5, 4);
    assert.throws(() => table.rowsFor(column, 0, 4, new Int32Array(4)), /0.5 cannot be a key/);
    const byOne = new IntegerTable(keyType, shape, 128);
    for (const key of [3, 1000]) byOne.rowFor(key);
    assert.deepEqual([...table.keys.subarray(0, table.rowCount)], [3, 1000]);
    assert.deepEqual(table.keyGroups, byOne.keyGroups);
  }
});

function setHalf(table: IntegerTable, key: number): void {
  const row = table.rowFor(key); // First: it may replace the column.
  table.float64[0]![row] = key / 2;
}

test("rows in key order do not depend on how the table came to its contents", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.maxSafeInteger(), { maxLength: 60 }),
      fc.array(fc.integer()),
      (keys, passing) => {
        const direct = new IntegerTable("integer", shape, 128);
        for (const key of keys) setHalf(direct, key);
        const roundabout = new IntegerTable("integer", shape, 128);
        const gone = passing.filter((key) => !keys.includes(key));
        for (const key of gone) roundabout.rowFor(key);
        for (const key of keys.toReversed()) setHalf(roundabout, key);
        for (const key of gone) roundabout.delete(key);
        assert.deepEqual(contents(roundabout), contents(direct));
      },
    ),
  );
});

test("a walk from the last row to the first may delete and meets every row once", () => {
  const table = new IntegerTable("int32", shape, 128);
  for (let key = 0; key < 1000; key++) table.rowFor(key);
  const met: number[] = [];
  for (let row = table.rowCount - 1; row >= 0; row--) {
    const key = table.keys[row]!;
    met.push(key);
    if (key % 10 !== 0) table.deleteRow(row);
  }
  assert.deepEqual(
    met.sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, key) => key),
  );
  assert.deepEqual(
    contents(table).map(([key]) => key),
    Array.from({ length: 100 }, (_, at) => at * 10),
  );
});

test("memory is reported, stays below 60 bytes a key and comes back when keys leave", () => {
  const table = new IntegerTable("integer", { float64: 1 }, 128);
  const empty = table.memoryBytes;
  for (let key = 0; key < 10_000; key++) table.rowFor(key);
  const full = table.memoryBytes;
  assert.ok(full >= 10_000 * 20 && full < 10_000 * 60, `${full}`);
  for (let key = 0; key < 9_990; key++) table.delete(key);
  assert.ok(table.memoryBytes < full / 50, `${table.memoryBytes}`);
  table.clear();
  assert.equal(table.memoryBytes, empty);
});
