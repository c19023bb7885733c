/**
 * The section of one column. Head (16 bytes): layout u8, validity u8, 0 u16, length of the values u32, base f64. Then
 * the values, then the validity bits if there is a null, each padded to 8 bytes.
 *
 * Where bytes are dear, safe integers and times are written as their distance from the least in 16 or 32 bits when all
 * fit. Texts are lengths of 8, 16 or 32 bits, then bytes.
 */
import type { BytesColumn, Column } from "./batch.ts";
import type { ByteRoom } from "./byte-room.ts";
import type { ColumnSpec } from "./schema.ts";

export const sectionHeadBytes = 16;
/** As in memory. */
export const layoutPlain = 0;
/** Unsigned distances from `base`, or for texts lengths, of so many bytes. */
export const layoutNarrow = { one: 1, two: 2, four: 4 } as const;

export function writeSection(
  spec: ColumnSpec,
  column: Column,
  valid: Uint8Array | undefined,
  from: number,
  to: number,
  into: ByteRoom,
  isNarrow: boolean,
): void {
  const head = into.used;
  into.advance(sectionHeadBytes);
  const values = into.used;
  let layout: number = layoutPlain;
  let base = 0;
  let length: number;
  if ("offsets" in column) {
    const first = column.offsets[from]!;
    length = column.offsets[to]! - first;
    layout = writeLengths(column, from, to, into);
    into.bytes.set(column.bytes.subarray(first, first + length), into.used);
    into.advance(length);
  } else {
    if (isNarrow && to > from && (spec.type === "integer" || spec.type === "timestamp")) {
      least(column as Float64Array, from, to, span);
      base = span[0]!;
      layout = narrowed(column as Float64Array, from, to, base, span[1]! - base, into);
    }
    if (layout === layoutPlain) {
      base = 0;
      into.advance(copyPlain(column, from, to, into));
    } else into.advance((to - from) * layout);
    length = into.used - values;
  }
  into.bytes[head] = layout;
  into.bytes[head + 1] =
    valid === undefined || !spec.nullable || !writeValidity(valid, from, to, into) ? 0 : 1;
  into.uint32[head / 4 + 1] = length;
  into.float64[head / 8 + 1] = base;
}

function copyPlain(column: Exclude<Column, BytesColumn>, from: number, to: number, into: ByteRoom): number {
  if (column instanceof Float64Array) into.float64.set(column.subarray(from, to), into.used / 8);
  else if (column instanceof Int32Array) into.int32.set(column.subarray(from, to), into.used / 4);
  else into.bytes.set(column.subarray(from, to), into.used);
  return (to - from) * column.BYTES_PER_ELEMENT;
}

/** Least and greatest of the column that is being written. */
const span = new Float64Array(2);

function least(column: Float64Array, from: number, to: number, into: Float64Array): void {
  let min = column[from]!;
  let max = min;
  for (let row = from + 1; row < to; row++) {
    const value = column[row]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  into[0] = min;
  into[1] = max;
}

/** Writes distances and returns their width, or `layoutPlain` when some value is no integer in reach of the base. */
function narrowed(
  column: Float64Array,
  from: number,
  to: number,
  base: number,
  range: number,
  into: ByteRoom,
): number {
  // Not so for NaN, and not for bases whose distances would be rounded.
  if (!(range <= 0xffff_ffff && Number.isSafeInteger(base))) return layoutPlain;
  if (range <= 0xffff) {
    return narrowTo16(column, from, to, base, into.uint16, into.used / 2) ? layoutNarrow.two : layoutPlain;
  }
  return narrowTo32(column, from, to, base, into.uint32, into.used / 4) ? layoutNarrow.four : layoutPlain;
}

function narrowTo16(
  column: Float64Array,
  from: number,
  to: number,
  base: number,
  into: Uint16Array,
  at: number,
): boolean {
  for (let row = from; row < to; row++) {
    const distance = column[row]! - base;
    const whole = distance | 0;
    if (whole !== distance) return false;
    into[at++] = whole;
  }
  return true;
}

function narrowTo32(
  column: Float64Array,
  from: number,
  to: number,
  base: number,
  into: Uint32Array,
  at: number,
): boolean {
  for (let row = from; row < to; row++) {
    const distance = column[row]! - base;
    const whole = distance >>> 0;
    if (whole !== distance) return false;
    into[at++] = whole;
  }
  return true;
}

/** Lengths of texts as narrow as the longest allows; returns their width. */
function writeLengths({ offsets }: BytesColumn, from: number, to: number, into: ByteRoom): number {
  const rows = to - from;
  let longest = 0;
  for (let row = from; row < to; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length > longest) longest = length;
  }
  const { one, two, four } = layoutNarrow;
  const width = longest <= 0xff ? one : longest <= 0xffff ? two : four;
  if (width === one) lengthsTo8(offsets, from, to, into.bytes, into.used);
  else if (width === two) lengthsTo16(offsets, from, to, into.uint16, into.used / 2);
  else lengthsTo32(offsets, from, to, into.uint32, into.used / 4);
  into.advance(rows * width);
  return width;
}

function lengthsTo8(offsets: Int32Array, from: number, to: number, into: Uint8Array, at: number): void {
  for (let row = from; row < to; row++) into[at++] = offsets[row + 1]! - offsets[row]!;
}

function lengthsTo16(offsets: Int32Array, from: number, to: number, into: Uint16Array, at: number): void {
  for (let row = from; row < to; row++) into[at++] = offsets[row + 1]! - offsets[row]!;
}

function lengthsTo32(offsets: Int32Array, from: number, to: number, into: Uint32Array, at: number): void {
  for (let row = from; row < to; row++) into[at++] = offsets[row + 1]! - offsets[row]!;
}

/** One bit a row, unless every value is there. */
function writeValidity(valid: Uint8Array, from: number, to: number, into: ByteRoom): boolean {
  if (valid.subarray(from, to).indexOf(0) < 0) return false;
  const { bytes } = into;
  let at = into.used;
  for (let row = from; row < to; row += 8) {
    let bits = 0;
    const end = Math.min(row + 8, to);
    for (let bit = row; bit < end; bit++) bits |= valid[bit]! << (bit - row);
    bytes[at++] = bits;
  }
  into.advance(at - into.used);
  return true;
}
