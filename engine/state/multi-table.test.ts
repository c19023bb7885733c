import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import type { IntegerTable } from "./integer-table.ts";
import { MultiTable } from "./multi-table.ts";

const rows = schema({ value: "integer" });
const batch = (values: number[]): Batch =>
  new Batch(rows, values.length, [Float64Array.from(values)], undefined);

function valuesOf(multi: MultiTable, key: number): number[] {
  const keyRow = (multi.keys as IntegerTable).find(key);
  const values: number[] = [];
  if (keyRow < 0) return values;
  const column = multi.rows.columns[0] as Float64Array;
  for (let row = multi.firstRow(keyRow); row >= 0; row = multi.next[row]!) values.push(column[row]!);
  return values;
}

function append(multi: MultiTable, keys: number[], values: number[]): void {
  const keyRows = new Int32Array(keys.length);
  (multi.keys as IntegerTable).rowsFor(Float64Array.from(keys), 0, keys.length, keyRows);
  multi.append(keyRows, batch(values), 0, keys.length);
}

test("rows of a key keep their order of arrival through appends, drops and removals", () => {
  const multi = new MultiTable("integer", rows, 128);
  append(multi, [1, 2, 1, 3], [10, 20, 11, 30]);
  append(multi, [3, 1], [31, 12]);
  assert.deepEqual(
    [valuesOf(multi, 1), valuesOf(multi, 2), valuesOf(multi, 3)],
    [[10, 11, 12], [20], [30, 31]],
  );
  multi.removeWhere((all, row) => [11, 20].includes((all.columns[0] as Float64Array)[row]!));
  assert.deepEqual([valuesOf(multi, 1), valuesOf(multi, 2), valuesOf(multi, 3)], [[10, 12], [], [30, 31]]);
  assert.deepEqual([multi.keyCount, multi.rowCount], [2, 4]);
  multi.dropKey((multi.keys as IntegerTable).find(1));
  append(multi, [1], [13]);
  assert.deepEqual([valuesOf(multi, 1), valuesOf(multi, 3)], [[13], [30, 31]]);
});

test("a freeze copies no row, and what is appended or dropped later is not in it", () => {
  const multi = new MultiTable("integer", rows, 128);
  append(multi, [1, 2], [10, 20]);
  const frozen = multi.freeze();
  const column = multi.rows.columns[0];
  append(multi, [1], [11]);
  assert.equal(multi.rows.columns[0], column);
  multi.dropKey(1);
  assert.deepEqual([...frozen.keys.int32[2]!.subarray(0, 2)], [1, 1]);
  assert.equal(frozen.rows.rowCount, 2);
});

test("keys that come and go keep memory bounded", () => {
  const multi = new MultiTable("integer", rows, 128);
  let most = 0;
  for (let key = 0; key < 20_000; key++) {
    append(multi, [key, key], [key, -key]);
    if (key >= 10) multi.dropKey((multi.keys as IntegerTable).find(key - 10));
    most = Math.max(most, multi.memoryBytes);
  }
  assert.equal(multi.rowCount, 20);
  assert.ok(most < 200_000, `${most} bytes for 20 rows`);
});

test("a table whose snapshot is still read is not used again; one that is shows nothing of its former life", () => {
  const multi = new MultiTable("integer", rows, 128);
  const many = Array.from({ length: 3000 }, (_, at) => at);
  append(multi, many, many);
  const frozen = multi.freeze();
  append(multi, [0], [7]); // The keys' columns are other ones now, the rows' are not.
  assert.equal(multi.recycle(), false);
  assert.deepEqual(valuesOf(multi, 0), [0, 7]);
  frozen.release();
  const { memoryBytes } = multi;
  assert.equal(multi.recycle(), true);
  assert.deepEqual([multi.rowCount, multi.keyCount, valuesOf(multi, 0)], [0, 0, []]);
  append(multi, [5, 5, 6], [1, 2, 3]);
  assert.deepEqual([valuesOf(multi, 5), valuesOf(multi, 6), valuesOf(multi, 7)], [[1, 2], [3], []]);
  assert.equal(multi.memoryBytes, memoryBytes);
  assert.equal(multi.recycle(), false, "there is too much room for so few keys");
});
