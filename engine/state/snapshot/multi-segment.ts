/** One key group of a table of many rows per key as bytes, and back. See docs/snapshot-format.md. */
import { Batch, type Column } from "../../records/batch.ts";
import type { Schema } from "../../records/schema.ts";
import type { FrozenMulti, MultiTable } from "../multi-table.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readBytes, readNumbers, writeNumbers } from "./packed-columns.ts";
import { readKeys, scratchFor, writeGathered, writeKeys } from "./rows-segment.ts";

/** Writes the keys that `order` lists, each with its rows from the oldest on. */
export function writeMulti(writer: ByteWriter, { keys, rows, next }: FrozenMulti, order: Uint32Array): void {
  const [heads, , counts] = keys.int32 as [Int32Array, Int32Array, Int32Array];
  writer.varint(order.length);
  writeKeys(writer, keys.keys, order);
  writeGathered(writer, counts, order);
  let total = 0;
  for (const keyRow of order) total += counts[keyRow]!;
  const rowOrder = new Uint32Array(total);
  let at = 0;
  for (const keyRow of order) {
    // Counted, as the links of a frozen table go on to rows that came later.
    for (let row = heads[keyRow]! - 1, left = counts[keyRow]!; left > 0; left--, row = next[row]!) {
      rowOrder[at++] = row;
    }
  }
  writeGathered(writer, rows.times!, rowOrder);
  for (const [index, column] of rows.columns.entries())
    writeColumn(writer, rows.valid[index], column, rowOrder);
}

function writeColumn(
  writer: ByteWriter,
  valid: Uint8Array | undefined,
  column: Column,
  order: Uint32Array,
): void {
  writer.byte(valid === undefined ? 0 : 1);
  if (valid) writeGathered(writer, valid, order);
  if (!("offsets" in column)) {
    writeGathered(writer, column, order);
    return;
  }
  const { offsets, bytes } = column;
  const lengths = scratchFor(order.length);
  for (let at = 0; at < order.length; at++) lengths[at] = offsets[order[at]! + 1]! - offsets[order[at]!]!;
  writeNumbers(writer, lengths, order.length);
  for (const row of order) writer.bytes(bytes, offsets[row]!, offsets[row + 1]!);
}

/** Puts keys and rows of a segment into a table. */
export function readMulti(reader: ByteReader, table: MultiTable, keyGroup: number): void {
  const keyCount = reader.varint();
  const keyRows = readKeys(reader, table.keys, keyCount);
  for (const keyRow of keyRows) table.keys.keyGroups[keyRow] = keyGroup;
  const counts = readNumbers(reader, keyCount);
  const rowCount = counts.reduce((total, count) => total + count, 0);
  const keyRowOf = new Int32Array(rowCount);
  for (let at = 0, row = 0; at < keyCount; at++) {
    keyRowOf.fill(keyRows[at]!, row, row + counts[at]!);
    row += counts[at]!;
  }
  table.append(keyRowOf, readBatch(reader, table.schema, rowCount), 0, rowCount);
}

function readBatch(reader: ByteReader, schema: Schema, rowCount: number): Batch {
  const times = readNumbers(reader, rowCount);
  const valid: (Uint8Array | undefined)[] = [];
  const columns = schema.columns.map(({ type }): Column => {
    valid.push(reader.byte() === 1 ? Uint8Array.from(readNumbers(reader, rowCount)) : undefined);
    if (type === "utf8" || type === "bytes") return readBytes(reader, rowCount);
    const values = readNumbers(reader, rowCount);
    if (type === "int32") return Int32Array.from(values);
    return type === "bool" ? Uint8Array.from(values) : values;
  });
  return new Batch(schema, rowCount, columns, times, valid);
}
