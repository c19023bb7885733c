/** Reads the sections that `codec-encode.ts` writes, trusting no byte of them: every length is checked before it is used. */
import type { Column } from "./batch.ts";
import { aligned } from "./byte-room.ts";
import { layoutNarrow, layoutPlain, sectionHeadBytes } from "./codec-encode.ts";
import type { ColumnSpec } from "./schema.ts";

/** Bytes that are no batch: a sender of another version, or a damaged checkpoint. */
export class MalformedBatch extends Error {
  constructor(what: string) {
    super(`malformed batch: ${what}`);
    this.name = "MalformedBatch";
  }
}

const empty = new Uint8Array(0);

/** `bytes` must be 8-byte aligned in their buffer. */
export class SectionReader {
  readonly #bytes: Uint8Array;
  readonly uint32: Uint32Array;
  readonly float64: Float64Array;
  #at = 0;
  /** Of the section that is being read. */
  #hasValidity = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.uint32 = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.float64 = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 3);
  }

  skip(length: number): void {
    this.#at += length;
  }

  column(spec: ColumnSpec, rows: number): Column {
    const head = this.#take(sectionHeadBytes, spec);
    const layout = this.#bytes[head]!;
    const validity = this.#bytes[head + 1]!;
    if (validity > 1 || (validity === 1 && !spec.nullable)) {
      throw new MalformedBatch(`column ${spec.name}: validity ${validity}`);
    }
    this.#hasValidity = validity === 1;
    const length = this.uint32[head / 4 + 1]!;
    if (spec.type === "utf8" || spec.type === "bytes") return this.#texts(spec, rows, layout, length);
    const at = this.#take(length, spec);
    const start = this.#bytes.byteOffset + at;
    const { buffer } = this.#bytes;
    if (layout === layoutPlain) {
      const width = spec.type === "int32" ? 4 : spec.type === "bool" ? 1 : 8;
      this.#mustBe(length, rows * width, spec);
      if (width === 8) return this.float64.subarray(at / 8, at / 8 + rows);
      return width === 4 ? new Int32Array(buffer, start, rows) : new Uint8Array(buffer, start, rows);
    }
    if (spec.type !== "integer" && spec.type !== "timestamp") throw unknownLayout(spec, layout);
    this.#mustBe(length, rows * layout, spec);
    const base = this.float64[head / 8 + 1]!;
    const column = new Float64Array(rows);
    if (layout === layoutNarrow.two) widen16(new Uint16Array(buffer, start, rows), base, column);
    else if (layout === layoutNarrow.four) widen32(new Uint32Array(buffer, start, rows), base, column);
    else throw unknownLayout(spec, layout);
    return column;
  }

  /** Behind `column`: the validity of the same section. */
  validity(spec: ColumnSpec, rows: number): Uint8Array | undefined {
    if (!this.#hasValidity) return undefined;
    let at = this.#take((rows + 7) >>> 3, spec);
    const valid = new Uint8Array(rows);
    for (let row = 0; row < rows; row += 8) {
      const bits = this.#bytes[at++]!;
      const end = Math.min(row + 8, rows);
      for (let bit = row; bit < end; bit++) valid[bit] = (bits >>> (bit - row)) & 1;
    }
    return valid;
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left !== 0) throw new MalformedBatch(`${left} bytes behind the last column`);
  }

  #texts(spec: ColumnSpec, rows: number, width: number, length: number): Column {
    const { one, two, four } = layoutNarrow;
    if (width !== one && width !== two && width !== four) throw unknownLayout(spec, width);
    const start = this.#bytes.byteOffset + this.#take(rows * width, spec);
    const { buffer } = this.#bytes;
    const offsets = new Int32Array(rows + 1);
    const end =
      width === one
        ? sum8(new Uint8Array(buffer, start, rows), offsets)
        : width === two
          ? sum16(new Uint16Array(buffer, start, rows), offsets)
          : sum32(new Uint32Array(buffer, start, rows), offsets);
    if (end !== length) {
      throw new MalformedBatch(`column ${spec.name}: texts of ${end} bytes in ${length}`);
    }
    const at = this.#take(length, spec);
    return { offsets, bytes: length === 0 ? empty : this.#bytes.subarray(at, at + length) };
  }

  /** Where the next `length` bytes are; what follows them is aligned. */
  #take(length: number, { name }: ColumnSpec): number {
    const at = this.#at;
    if (at + aligned(length) > this.#bytes.length) {
      throw new MalformedBatch(`column ${name} ends behind the end of the batch`);
    }
    this.#at = at + aligned(length);
    return at;
  }

  #mustBe(length: number, expected: number, { name }: ColumnSpec): void {
    if (length !== aligned(expected)) {
      throw new MalformedBatch(`column ${name}: ${length} bytes instead of ${expected}`);
    }
  }
}

function unknownLayout({ name, type }: ColumnSpec, layout: number): MalformedBatch {
  return new MalformedBatch(`column ${name} (${type}): unknown layout ${layout}`);
}

function widen16(from: Uint16Array, base: number, to: Float64Array): void {
  for (let row = 0; row < to.length; row++) to[row] = base + from[row]!;
}

function widen32(from: Uint32Array, base: number, to: Float64Array): void {
  for (let row = 0; row < to.length; row++) to[row] = base + from[row]!;
}

function sum8(lengths: Uint8Array, offsets: Int32Array): number {
  let end = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = end += lengths[row]!;
  return end;
}

function sum16(lengths: Uint16Array, offsets: Int32Array): number {
  let end = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = end += lengths[row]!;
  return end;
}

/** Offsets may wrap on bytes that lie; the sum does not, and is checked. */
function sum32(lengths: Uint32Array, offsets: Int32Array): number {
  let end = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = end += lengths[row]!;
  return end;
}
