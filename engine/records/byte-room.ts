/** Bytes that grow, with typed views over them: what columns are encoded into. Everything in it is 8-byte aligned. */

export class ByteRoom {
  /** Bytes written. */
  used = 0;
  bytes!: Uint8Array<ArrayBuffer>;
  uint16!: Uint16Array;
  uint32!: Uint32Array;
  int32!: Int32Array;
  float64!: Float64Array;

  constructor(capacity: number) {
    this.#take(capacity);
  }

  get capacity(): number {
    return this.bytes.length;
  }

  /** Room for so many bytes more. The views are replaced when it grows: take them after this call. */
  reserve(more: number): void {
    const needed = this.used + more;
    if (needed <= this.bytes.length) return;
    const before = this.bytes.subarray(0, this.used);
    this.#take(Math.max(needed, this.bytes.length * 2));
    this.bytes.set(before);
  }

  /** Counts bytes that were written at `used`, and the zeros that align what follows. */
  advance(length: number): void {
    const end = this.used + length;
    this.used = aligned(end);
    this.bytes.fill(0, end, this.used);
  }

  #take(capacity: number): void {
    // Not cleared: every byte below `used` has been written.
    const { buffer } = Buffer.allocUnsafeSlow(aligned(capacity));
    this.bytes = new Uint8Array(buffer);
    this.uint16 = new Uint16Array(buffer);
    this.uint32 = new Uint32Array(buffer);
    this.int32 = new Int32Array(buffer);
    this.float64 = new Float64Array(buffer);
  }
}

/** The next multiple of 8. Exact beyond 32 bits too. */
export function aligned(length: number): number {
  return length + ((8 - (length % 8)) % 8);
}
