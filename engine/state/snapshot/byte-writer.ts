/** Bytes written one value after another into a growing array; integers are little-endian. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** Where the next byte goes; may be set back. */
  end = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Lent until the next write. */
  slice(from: number, to = this.end): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Everything, to keep; the writer is empty afterwards. */
  take(): Uint8Array {
    const taken = this.slice(0);
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
    this.end = 0;
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.end++] = value;
  }

  /** Seven bits a byte, lowest first; for whole numbers from 0 on. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.end, value, true);
    this.end += 8;
  }

  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.#reserve(end - start);
    this.#bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.end);
    this.end += end - start;
  }

  float64s(values: Float64Array, count: number): void {
    this.#reserve(count * 8);
    const view = this.#view;
    for (let at = 0; at < count; at++) view.setFloat64(this.end + at * 8, values[at]!, true);
    this.end += count * 8;
  }

  /** values[from] up to values[count - 1], each less `base`, in 1, 2 or 4 bytes. */
  frame(values: Float64Array, from: number, count: number, base: number, width: number): void {
    this.#reserve((count - from) * width);
    const view = this.#view;
    let end = this.end;
    for (let at = from; at < count; at++) {
      const value = values[at]! - base;
      if (width === 1) view.setUint8(end, value);
      else if (width === 2) view.setUint16(end, value, true);
      else view.setUint32(end, value, true);
      end += width;
    }
    this.end = end;
  }

  #reserve(more: number): void {
    const needed = this.end + more;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.end));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
