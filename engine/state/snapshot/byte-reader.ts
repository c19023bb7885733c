/** Reads what a `ByteWriter` has written. Reading past the end is an error, as the bytes were verified before. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view; copy it to keep it. */
  bytes(count: number): Uint8Array {
    const from = this.#take(count);
    return this.#bytes.subarray(from, from + count);
  }

  float64s(into: Float64Array): void {
    const from = this.#take(into.length * 8);
    for (let at = 0; at < into.length; at++) into[at] = this.#view.getFloat64(from + at * 8, true);
  }

  /** `base` and what was written less it, from into[first] on. */
  frame(into: Float64Array, first: number, base: number, width: number): void {
    let from = this.#take((into.length - first) * width);
    for (let at = first; at < into.length; at++) {
      into[at] =
        base +
        (width === 1
          ? this.#view.getUint8(from)
          : width === 2
            ? this.#view.getUint16(from, true)
            : this.#view.getUint32(from, true));
      from += width;
    }
  }

  #take(count: number): number {
    const from = this.#at;
    if (from + count > this.#bytes.length) throw new Error("a segment of a snapshot ends too early");
    this.#at = from + count;
    return from;
  }
}
