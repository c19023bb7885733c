/**
 * Rows as JSON, one object a line, written as bytes without a string or an object in between. Bytes are base64; what JSON
 * has no number for (NaN, infinities) is null.
 */
import type { Batch, BytesColumn, Column } from "../records/batch.ts";
import type { FieldType, Schema } from "../records/schema.ts";

const encoder = new TextEncoder();
const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const hex = encoder.encode("0123456789abcdef");
const nullText = encoder.encode("null");
const trueText = encoder.encode("true");
const falseText = encoder.encode("false");
/** The longest number that is written digit by digit, in bytes. */
const numberBytes = 32;

export class JsonLines {
  readonly #types: readonly FieldType[];
  /** What stands before each value: `{"first":`, `,"second":`. */
  readonly #before: readonly Uint8Array[];
  readonly #after: Uint8Array;
  #bytes = new Uint8Array(1 << 16);
  #end = 0;

  /** With `wrap` each object is the only value of another one: `{"bid":{…}}`. */
  constructor({ columns }: Schema, wrap?: string) {
    const open = wrap === undefined ? "{" : `{${JSON.stringify(wrap)}:{`;
    this.#types = columns.map(({ type }) => type);
    this.#before = columns.map(({ name }, at) =>
      encoder.encode(`${at === 0 ? open : ","}${JSON.stringify(name)}:`),
    );
    const close = wrap === undefined ? "}\n" : "}}\n";
    this.#after = encoder.encode(columns.length === 0 ? `${open}${close}` : close);
  }

  /** Bytes that were written since `take`. */
  get length(): number {
    return this.#end;
  }

  /** What was written, valid until the next `write`. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#end);
    this.#end = 0;
    return taken;
  }

  write({ columns, valid, rowCount }: Batch): void {
    for (let row = 0; row < rowCount; row++) {
      for (let at = 0; at < columns.length; at++) {
        this.#put(this.#before[at]!);
        if (valid[at]?.[row] === 0) this.#put(nullText);
        else this.#value(this.#types[at]!, columns[at]!, row);
      }
      this.#put(this.#after);
    }
  }

  #value(type: FieldType, column: Column, row: number): void {
    if (type === "utf8") this.#text(column as BytesColumn, row);
    else if (type === "bytes") this.#base64(column as BytesColumn, row);
    else if (type === "bool") this.#put((column as Uint8Array)[row] === 1 ? trueText : falseText);
    else this.#number((column as Float64Array)[row]!);
  }

  #put(text: Uint8Array): void {
    this.#makeRoom(text.length);
    for (let at = 0; at < text.length; at++) this.#bytes[this.#end + at] = text[at]!;
    this.#end += text.length;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#put(encoder.encode(Number.isFinite(value) ? String(value) : "null"));
      return;
    }
    this.#makeRoom(numberBytes);
    const bytes = this.#bytes;
    let rest = value;
    if (rest < 0) {
      bytes[this.#end++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; rest >= limit; limit *= 10) digits++;
    let at = this.#end + digits;
    this.#end = at;
    // Halves of nine digits, which are divided as 32-bit integers.
    if (rest >= 1e9) {
      const high = Math.floor(rest / 1e9);
      let low = (rest - high * 1e9) | 0;
      for (let digit = 0; digit < 9; digit++) {
        bytes[--at] = zero + (low % 10);
        low = (low / 10) | 0;
      }
      rest = high;
    }
    let low = rest | 0;
    do {
      bytes[--at] = zero + (low % 10);
      low = (low / 10) | 0;
    } while (low > 0);
  }

  #text({ bytes: source, offsets }: BytesColumn, row: number): void {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    this.#makeRoom((end - start) * 6 + 2);
    const bytes = this.#bytes;
    let to = this.#end;
    bytes[to++] = quote;
    for (let at = start; at < end; at++) {
      const byte = source[at]!;
      if (byte === quote || byte === backslash) {
        bytes[to++] = backslash;
        bytes[to++] = byte;
      } else if (byte >= 0x20) bytes[to++] = byte;
      else to = putEscape(bytes, to, byte);
    }
    bytes[to++] = quote;
    this.#end = to;
  }

  #base64({ bytes, offsets }: BytesColumn, row: number): void {
    const text = Buffer.from(bytes.subarray(offsets[row]!, offsets[row + 1]!)).toString("base64");
    this.#put(encoder.encode(`"${text}"`));
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const bytes = new Uint8Array((this.#end + length) * 2);
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
  }
}

/** A control character: \u00xx. */
function putEscape(bytes: Uint8Array, at: number, byte: number): number {
  bytes[at] = backslash;
  bytes[at + 1] = 0x75;
  bytes[at + 2] = zero;
  bytes[at + 3] = zero;
  bytes[at + 4] = hex[byte >> 4]!;
  bytes[at + 5] = hex[byte & 15]!;
  return at + 6;
}
