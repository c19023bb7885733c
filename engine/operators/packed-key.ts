/** A key of several columns as one string of bytes, from which the columns can be had again. */
import type { Cursor } from "../records/cursor.ts";
import type { RowWriter } from "../records/row-writer.ts";
import type { ColumnSpec } from "../records/schema.ts";
import { decodeUtf8, encodeUtf8 } from "../records/utf8.ts";

/** Lent until the next call. */
export type PackKey = (row: Cursor) => Uint8Array;
export type UnpackKey = (packed: Uint8Array, out: RowWriter) => void;

/** Whether a value is there, then 8 bytes of a number, or a length of 4 and so many bytes. */
export function packKey(columns: readonly ColumnSpec[]): PackKey {
  let bytes = new Uint8Array(64);
  let view = new DataView(bytes.buffer);
  const reserve = (used: number, more: number) => {
    if (used + more <= bytes.length) return;
    const grown = new Uint8Array((used + more) * 2);
    grown.set(bytes);
    bytes = grown;
    view = new DataView(bytes.buffer);
  };
  return (row) => {
    let at = 0;
    for (const { name } of columns) {
      const value = row[name] as number | string | boolean | Uint8Array | null;
      reserve(at, 9);
      bytes[at++] = value === null ? 0 : 1;
      if (value === null) continue;
      if (typeof value === "string") {
        reserve(at, 4 + value.length * 3);
        const end = encodeUtf8(value, bytes, at + 4);
        view.setInt32(at, end - at - 4);
        at = end;
      } else if (typeof value === "object") {
        reserve(at, 4 + value.length);
        view.setInt32(at, value.length);
        bytes.set(value, at + 4);
        at += 4 + value.length;
      } else {
        // Adding 0 makes -0 what it equals.
        view.setFloat64(at, Number(value) + 0);
        at += 8;
      }
    }
    return bytes.subarray(0, at);
  };
}

export function unpackKey(columns: readonly ColumnSpec[]): UnpackKey {
  return (packed, out) => {
    const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
    let at = 0;
    for (const { name, type } of columns) {
      if (packed[at++] === 0) {
        out[name] = null as never;
        continue;
      }
      if (type === "utf8" || type === "bytes") {
        const start = at + 4;
        at = start + view.getInt32(at);
        out[name] = type === "utf8" ? decodeUtf8(packed, start, at) : packed.subarray(start, at);
      } else {
        const value = view.getFloat64(at);
        out[name] = type === "bool" ? value === 1 : value;
        at += 8;
      }
    }
  };
}
