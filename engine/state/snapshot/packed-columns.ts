/**
 * Columns as bytes: whole numbers in as few as 1, 2 or 4 bytes above their least or above the one before; all else as
 * it is. See docs/snapshot-format.md.
 */
import type { BytesColumn } from "../../records/batch.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

const raw = 0;
const framed = 1;
const ascending = 2;
const constant = 3;

/** The first `count` values; they may be overwritten. */
export function writeNumbers(writer: ByteWriter, values: Float64Array, count: number): void {
  if (count === 0) return;
  const first = values[0]!;
  let least = first;
  let most = first;
  let steepest = 0;
  let isSame = true;
  let isAscending = true;
  let isWhole = true;
  let before = first;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (!Object.is(value, first)) isSame = false;
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) isWhole = false;
    if (value < least) least = value;
    if (value > most) most = value;
    const step = value - before;
    if (step < 0) isAscending = false;
    if (step > steepest) steepest = step;
    before = value;
  }
  if (isSame) {
    writer.byte(constant);
    writer.float64(first);
    return;
  }
  const frameWidth = isWhole ? widthOf(most - least) : 8;
  const stepWidth = isWhole && isAscending ? widthOf(steepest) : 8;
  if (stepWidth < frameWidth) {
    for (let at = count - 1; at > 0; at--) values[at]! -= values[at - 1]!;
    writer.byte(ascending);
    writer.byte(stepWidth);
    writer.float64(first);
    writer.frame(values, 1, count, 0, stepWidth);
  } else if (frameWidth < 8) {
    writer.byte(framed);
    writer.byte(frameWidth);
    writer.float64(least);
    writer.frame(values, 0, count, least, frameWidth);
  } else {
    writer.byte(raw);
    writer.float64s(values, count);
  }
}

export function readNumbers(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  if (count === 0) return values;
  const packing = reader.byte();
  if (packing === constant) values.fill(reader.float64());
  else if (packing === framed) {
    const width = reader.byte();
    reader.frame(values, 0, reader.float64(), width);
  } else if (packing === ascending) {
    const width = reader.byte();
    values[0] = reader.float64();
    reader.frame(values, 1, 0, width);
    for (let at = 1; at < count; at++) values[at]! += values[at - 1]!;
  } else if (packing === raw) reader.float64s(values);
  else throw new Error(`a segment of a snapshot has a column packed as ${packing}, which is none of 0 to 3`);
  return values;
}

/** Lengths, then all bytes. */
export function readBytes(reader: ByteReader, count: number): BytesColumn {
  const lengths = readNumbers(reader, count);
  const offsets = new Int32Array(count + 1);
  for (let at = 0; at < count; at++) offsets[at + 1] = offsets[at]! + lengths[at]!;
  return { offsets, bytes: reader.bytes(offsets[count]!) };
}

function widthOf(range: number): 1 | 2 | 4 | 8 {
  return range < 2 ** 8 ? 1 : range < 2 ** 16 ? 2 : range < 2 ** 32 ? 4 : 8;
}
