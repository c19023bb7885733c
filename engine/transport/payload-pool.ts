/**
 * Memory for the payloads of batches, filled again when a batch is consumed: new memory for each would flush the caches
 * and keep the garbage collector busy.
 */
export class PayloadPool {
  readonly #spare: ArrayBuffer[] = [];

  /** Not cleared. */
  take(length: number): Uint8Array<ArrayBuffer> {
    for (let at = this.#spare.length - 1; at >= 0; at--) {
      const buffer = this.#spare[at]!;
      if (buffer.byteLength < length || buffer.byteLength > length * wasteMost) continue;
      this.#spare.splice(at, 1);
      return new Uint8Array(buffer, 0, length);
    }
    // Room for a somewhat larger one, so that batches of about one size fit each other's memory; 8-byte aligned.
    const room = Math.ceil((length * 1.125) / 8) * 8;
    return new Uint8Array(Buffer.allocUnsafeSlow(room).buffer, 0, length);
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength < leastBytes) return;
    this.#spare.push(buffer);
    // The one that fitted nothing for the longest: else those of a job's first, small batches would take the place of all others.
    if (this.#spare.length > sparesMost) this.#spare.shift();
  }
}

/** Small ones cost less to make than to look for. */
const leastBytes = 4096;
/** So many wait in a queue at once where two workers of a machine send as fast as they can; no more are lent than there is credit for. */
const sparesMost = 32;
/** What is so many times as large as needed is left for others. */
const wasteMost = 4;
