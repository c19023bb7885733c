/** Columns made, grown, and filled from others: one loop for each kind of array, so that each stays fast. */
import type { BytesColumn, Column } from "./batch.ts";
import type { ColumnSpec } from "./schema.ts";

/** Below this many bytes a loop is faster than making a view and a call of `set`. */
const shortBytes = 48;

/** `byteCapacity` is the room for texts, where it is one of these. */
export function emptyColumn({ type }: ColumnSpec, rows: number, byteCapacity = 0): Column {
  if (type === "int32") return new Int32Array(rows);
  if (type === "bool") return new Uint8Array(rows);
  if (type === "utf8" || type === "bytes") {
    return { offsets: new Int32Array(rows + 1), bytes: new Uint8Array(byteCapacity) };
  }
  return new Float64Array(rows);
}

export function grownColumn(column: Column, rows: number): Column {
  if (column instanceof Float64Array) return grown(column, new Float64Array(rows));
  if (column instanceof Int32Array) return grown(column, new Int32Array(rows));
  if (column instanceof Uint8Array) return grown(column, new Uint8Array(rows));
  return { offsets: grown(column.offsets, new Int32Array(rows + 1)), bytes: column.bytes };
}

export function grown<Values extends Float64Array | Int32Array | Uint8Array>(
  from: Values,
  to: Values,
): Values {
  to.set(from);
  return to;
}

/** Copies rows [start, end) to `row` and on. */
export function copyRange(to: Column, row: number, from: Column, start: number, end: number): void {
  if ("offsets" in from) copyTexts(to as BytesColumn, row, from, start, end);
  else (to as Float64Array).set((from as Float64Array).subarray(start, end), row);
}

/** Copies rows[start] up to rows[end - 1] to `row` and on, in that order. */
export function copyRows(
  to: Column,
  row: number,
  from: Column,
  rows: Uint32Array,
  start: number,
  end: number,
): void {
  if (from instanceof Float64Array) gatherFloat64(from, to as Float64Array, row, rows, start, end);
  else if (from instanceof Int32Array) gatherInt32(from, to as Int32Array, row, rows, start, end);
  else if (from instanceof Uint8Array) gatherUint8(from, to as Uint8Array, row, rows, start, end);
  else gatherTexts(from, to as BytesColumn, row, rows, start, end);
}

export function gatherFloat64(
  from: Float64Array,
  to: Float64Array,
  row: number,
  rows: Uint32Array,
  start: number,
  end: number,
): void {
  for (let index = start; index < end; index++) to[row++] = from[rows[index]!]!;
}

function gatherInt32(
  from: Int32Array,
  to: Int32Array,
  row: number,
  rows: Uint32Array,
  start: number,
  end: number,
): void {
  for (let index = start; index < end; index++) to[row++] = from[rows[index]!]!;
}

function gatherUint8(
  from: Uint8Array,
  to: Uint8Array,
  row: number,
  rows: Uint32Array,
  start: number,
  end: number,
): void {
  for (let index = start; index < end; index++) to[row++] = from[rows[index]!]!;
}

function copyTexts(to: BytesColumn, row: number, from: BytesColumn, start: number, end: number): void {
  const first = from.offsets[start]!;
  const at = to.offsets[row]!;
  makeRoom(to, at, from.offsets[end]! - first);
  copyBytes(from.bytes, first, from.offsets[end]!, to.bytes, at);
  shiftOffsets(from.offsets, start, end, at - first, to.offsets, row);
}

function shiftOffsets(
  from: Int32Array,
  start: number,
  end: number,
  shift: number,
  to: Int32Array,
  row: number,
): void {
  for (let index = start; index < end; index++) to[++row] = from[index + 1]! + shift;
}

function gatherTexts(
  from: BytesColumn,
  to: BytesColumn,
  row: number,
  rows: Uint32Array,
  start: number,
  end: number,
): void {
  const { offsets } = from;
  let at = to.offsets[row]!;
  let length = 0;
  for (let index = start; index < end; index++) length += offsets[rows[index]! + 1]! - offsets[rows[index]!]!;
  makeRoom(to, at, length);
  for (let index = start; index < end; index++) {
    const first = offsets[rows[index]!]!;
    const last = offsets[rows[index]! + 1]!;
    copyBytes(from.bytes, first, last, to.bytes, at);
    at += last - first;
    to.offsets[++row] = at;
  }
}

/** Room for `more` bytes behind the first `used`. */
export function makeRoom(column: BytesColumn, used: number, more: number): void {
  const needed = used + more;
  if (needed <= column.bytes.length) return;
  const bytes = new Uint8Array(Math.max(needed + (needed >>> 1), 256));
  bytes.set(column.bytes.subarray(0, used));
  column.bytes = bytes;
}

export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > shortBytes) to.set(from.subarray(start, end), at);
  else for (let index = start; index < end; index++) to[at++] = from[index]!;
}

/** How many rows a column has room for. */
export const roomOf = (column: Column): number =>
  "offsets" in column ? column.offsets.length - 1 : column.length;
