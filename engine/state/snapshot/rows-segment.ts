/** One key group of a keyed table as bytes, and back. See docs/snapshot-format.md. */
import type { BytesColumn } from "../../records/batch.ts";
import { ByteRows } from "../byte-arena.ts";
import type { KeyedTable } from "../keyed-table.ts";
import type { Rows } from "../row-columns.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readBytes, readNumbers, writeNumbers } from "./packed-columns.ts";

/** Writes the rows that `order` lists, in that order. */
export function writeRows(writer: ByteWriter, rows: Rows, order: Uint32Array): void {
  writer.varint(order.length);
  writeKeys(writer, rows.keys, order);
  for (const values of rows.float64) writeGathered(writer, values, order);
  for (const values of rows.int32) writeGathered(writer, values, order);
  for (const values of rows.bytes) writeByteRows(writer, values, order);
}

export function writeKeys(writer: ByteWriter, keys: Float64Array | ByteRows, order: Uint32Array): void {
  if (keys instanceof ByteRows) writeByteRows(writer, keys, order);
  else writeGathered(writer, keys, order);
}

let scratch = new Float64Array(1024);

/** Lent until the next call. */
export function scratchFor(count: number): Float64Array {
  if (scratch.length < count) scratch = new Float64Array(count * 2);
  return scratch;
}

export function writeGathered(
  writer: ByteWriter,
  values: Float64Array | Int32Array | Uint8Array,
  order: Uint32Array,
): void {
  const gathered = scratchFor(order.length);
  for (let at = 0; at < order.length; at++) gathered[at] = values[order[at]!]!;
  writeNumbers(writer, gathered, order.length);
}

function writeByteRows(writer: ByteWriter, { bytes, starts, lengths }: ByteRows, order: Uint32Array): void {
  const gathered = scratchFor(order.length);
  for (let at = 0; at < order.length; at++) gathered[at] = lengths[order[at]!]!;
  writeNumbers(writer, gathered, order.length);
  for (const row of order) writer.bytes(bytes, starts[row]!, starts[row]! + lengths[row]!);
}

/** Puts rows of a segment into a table, over those of the same keys. They are of the segment's key group, whatever their hash. */
export function readRows(reader: ByteReader, table: KeyedTable, keyGroup: number): void {
  const count = reader.varint();
  const rows = readKeys(reader, table, count);
  for (const row of rows) table.keyGroups[row] = keyGroup;
  for (const column of [...table.float64, ...table.int32]) {
    const values = readNumbers(reader, count);
    for (let at = 0; at < count; at++) column[rows[at]!] = values[at]!;
  }
  for (const arena of table.bytes) {
    const { offsets, bytes } = readBytes(reader, count);
    for (let at = 0; at < count; at++) arena.set(rows[at]!, bytes, offsets[at]!, offsets[at + 1]!);
  }
}

/** The rows of a segment's keys, made in the table. */
export function readKeys(reader: ByteReader, table: KeyedTable, count: number): Int32Array {
  const rows = new Int32Array(count);
  if (table.kind === "integers") table.rowsFor(readNumbers(reader, count), 0, count, rows);
  else table.rowsFor(readBytes(reader, count) satisfies BytesColumn, 0, count, rows);
  return rows;
}
