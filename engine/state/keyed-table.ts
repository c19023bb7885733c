/**
 * A row of plain columns for each key. What an operator does for millions of records a second it does with the table of
 * its kind of keys (`table.kind` tells); the functions here are for code to which the kind is all one.
 */
import type { BytesColumn, Column } from "../records/batch.ts";
import type { BatchBuilder } from "../records/batch-builder.ts";
import { ByteRows } from "./byte-arena.ts";
import { ByteKeyTable } from "./byte-key-table.ts";
import { IntegerTable } from "./integer-table.ts";
import type { KeyType } from "./operator-state.ts";
import type { RowShape, Rows } from "./row-columns.ts";

export type KeyedTable = IntegerTable | ByteKeyTable;

export function makeTable(key: KeyType, shape: RowShape, maxParallelism: number): KeyedTable {
  return key === "utf8" || key === "bytes"
    ? new ByteKeyTable(key, shape, maxParallelism)
    : new IntegerTable(key, shape, maxParallelism);
}

/** into[at] = the row of the key at `at` of a batch's column, for `from` <= at < `to`, made if there is none. */
export function rowsForColumn(
  table: KeyedTable,
  column: Column,
  from: number,
  to: number,
  into: Int32Array,
): void {
  if (table.kind === "integers") table.rowsFor(column as Float64Array, from, to, into);
  else table.rowsFor(column as BytesColumn, from, to, into);
}

/** The same for one cell of a column. */
export function rowForCell(table: KeyedTable, column: Column, at: number): number {
  if (table.kind === "integers") return table.rowFor((column as Float64Array)[at]!);
  const { bytes, offsets } = column as BytesColumn;
  return table.rowFor(bytes, offsets[at]!, offsets[at + 1]!);
}

/** into[at] = the row of the key at `at` of a column, or -1. */
export function findColumn(
  table: KeyedTable,
  column: Column,
  from: number,
  to: number,
  into: Int32Array,
): void {
  if (table.kind === "integers") table.findAll(column as Float64Array, from, to, into);
  else table.findAll(column as BytesColumn, from, to, into);
}

/** The row of the key in one cell of a column, or -1. */
export function findCell(table: KeyedTable, column: Column, at: number): number {
  if (table.kind === "integers") return table.find((column as Float64Array)[at]!);
  const { bytes, offsets } = column as BytesColumn;
  return table.find(bytes, offsets[at]!, offsets[at + 1]!);
}

/** The row, in this table, of the key that `rows` has in `row`, made if there is none. */
export function rowForKeyOf(table: KeyedTable, { keys }: Rows, row: number): number {
  if (table.kind === "integers") return table.rowFor((keys as Float64Array)[row]!);
  const { bytes, starts, lengths } = keys as ByteRows;
  return table.rowFor(bytes, starts[row]!, starts[row]! + lengths[row]!);
}

/** Writes the key of a row into a column of the row that a builder is at. */
export function putKey({ keys }: Rows, row: number, builder: BatchBuilder, column: number): void {
  if (keys instanceof ByteRows) {
    const start = keys.starts[row]!;
    builder.putBytes(column, keys.bytes, start, start + keys.lengths[row]!);
  } else (builder.columns[column] as Float64Array)[builder.rowCount] = keys[row]!;
}
