/**
 * The wire form of a batch: its columns one behind the other, each 8-byte aligned, copied as they are or narrowed. Used
 * between workers and for records in flight in a checkpoint. Little-endian, as all machines that Node.js runs on.
 *
 * Head (24 bytes): fingerprint of the schema u32, rows u32, length in all u32, event times u32 (0 none, 1 in a section of
 * their own behind the columns, 2 + c the same as column c), due time f64. Then a section for each column: `codec-columns.ts`.
 */
import { Batch, type Column } from "./batch.ts";
import { aligned, ByteRoom } from "./byte-room.ts";
import { MalformedBatch, SectionReader } from "./codec-decode.ts";
import { sectionHeadBytes, writeSection } from "./codec-encode.ts";
import type { ColumnSpec, Schema } from "./schema.ts";
import { fingerprintOf } from "./schema-fingerprint.ts";

const headBytes = 24;
const timesNone = 0;
const timesOwn = 1;
const timesOfColumn = 2;
const timesSpec: ColumnSpec = { name: "$time", type: "timestamp", nullable: false };
/** More rows than any batch has; what claims more is malformed. */
const maxRows = 1 << 24;

/** What rows [from, to) take of memory as columns; never less than what they take on the wire, but for `wireOverhead`. */
export function batchBytes(
  { columns, valid, times }: Pick<Batch, "columns" | "valid" | "times">,
  from: number,
  to: number,
): number {
  const rows = to - from;
  let bytes = 0;
  for (let index = 0; index < columns.length; index++) {
    bytes += columnBytes(columns[index]!, from, to);
    if (valid[index] !== undefined) bytes += rows;
  }
  if (times !== undefined && !(columns as unknown[]).includes(times)) bytes += rows * 8;
  return bytes;
}

function columnBytes(column: Column, from: number, to: number): number {
  if ("offsets" in column) return column.offsets[to]! - column.offsets[from]! + (to - from) * 4;
  return (to - from) * column.BYTES_PER_ELEMENT;
}

/** Room that heads and alignment need beside `batchBytes`. */
export function wireOverhead({ columns }: Schema): number {
  return headBytes + (columns.length + 1) * (sectionHeadBytes + 24);
}

/** Appends rows [from, to) of a batch; `isNarrow` spends time on fewer bytes. */
export function encodeBatch(batch: Batch, from: number, to: number, into: ByteRoom, isNarrow: boolean): void {
  const { schema, columns, valid, times } = batch;
  const rows = to - from;
  into.reserve(batchBytes(batch, from, to) + wireOverhead(schema));
  const start = into.used;
  into.advance(headBytes);
  let timesOf = times === undefined ? timesNone : timesOwn;
  for (let index = 0; index < columns.length; index++) {
    if (columns[index] === times) timesOf = timesOfColumn + index;
    writeSection(schema.columns[index]!, columns[index]!, valid[index], from, to, into, isNarrow);
  }
  if (timesOf === timesOwn) writeSection(timesSpec, times!, undefined, from, to, into, isNarrow);
  const word = start / 4;
  into.uint32[word] = fingerprintOf(schema);
  into.uint32[word + 1] = rows;
  into.uint32[word + 2] = into.used - start;
  into.uint32[word + 3] = timesOf;
  into.float64[start / 8 + 2] = batch.dueMs;
}

/** The same as bytes of their own, as few as can be. */
export function encodedBatch(batch: Batch, from: number, to: number): Uint8Array<ArrayBuffer> {
  const room = new ByteRoom(batchBytes(batch, from, to) + wireOverhead(batch.schema));
  encodeBatch(batch, from, to, room, true);
  return room.bytes.slice(0, room.used);
}

/**
 * A batch whose columns are views on `bytes` where they were copied as they are, so it lives as long as they do.
 * Bytes that are no batch of this schema are refused by a `MalformedBatch`.
 */
export function decodeBatch(schema: Schema, bytes: Uint8Array): Batch {
  const reader = new SectionReader(inPlace(bytes));
  const { uint32, float64 } = reader;
  if (bytes.length < headBytes) throw new MalformedBatch(`${bytes.length} bytes are no batch`);
  if (uint32[0] !== fingerprintOf(schema))
    throw new MalformedBatch("its columns are those of another schema");
  const rows = uint32[1]!;
  if (rows > maxRows) throw new MalformedBatch(`${rows} rows`);
  if (uint32[2] !== bytes.length) {
    throw new MalformedBatch(`${uint32[2]} bytes announced, ${bytes.length} there`);
  }
  reader.skip(headBytes);
  const columns: Column[] = [];
  const valid: (Uint8Array | undefined)[] = [];
  for (const spec of schema.columns) {
    columns.push(reader.column(spec, rows));
    valid.push(reader.validity(spec, rows));
  }
  const times = timesAmong(columns, uint32[3]!, () => reader.column(timesSpec, rows));
  reader.end();
  return new Batch(schema, rows, columns, times, valid, float64[2]!);
}

function timesAmong(columns: Column[], timesOf: number, own: () => Column): Float64Array | undefined {
  if (timesOf === timesNone) return undefined;
  const times = timesOf === timesOwn ? own() : columns[timesOf - timesOfColumn];
  if (times instanceof Float64Array) return times;
  throw new MalformedBatch(`event times ${timesOf} are those of no column`);
}

/** Views need alignment; frames have it, and what has not is copied. */
function inPlace(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 8 === 0) return bytes;
  const copy = new Uint8Array(aligned(bytes.length)).subarray(0, bytes.length);
  copy.set(bytes);
  return copy;
}
