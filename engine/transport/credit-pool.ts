/**
 * The memory that a worker gives to all channels it receives from, and who holds how much of it. Every channel has its
 * floor; what is above goes to those whose bandwidth × delay asks for it. Pure.
 */

/** Enough for the frames of a quiet channel; where records are slow to consume, a channel takes less. */
const floorBytesMax = 65_536;

export interface CreditHolder {
  /** The larger of its window and of what it has granted that was neither consumed nor returned. */
  readonly heldBytes: number;
  /** Lowers its window towards `bytes`, and asks back what the sender has not used. */
  shrinkTo(bytes: number, nowMs: number): void;
  /** Something was given back: what it waited for may be there now. */
  retry(nowMs: number): void;
}

export class CreditPool {
  readonly boundBytes: number;
  readonly floorBytes: number;
  readonly #fairBytes: number;
  readonly #channels: number;
  readonly #holders = new Set<CreditHolder>();
  /** In the order in which they came; true for those that cannot go on with less. */
  readonly #waiting = new Map<CreditHolder, boolean>();
  #heldBytes = 0;

  /** `channels` is how many will ever hold of it at a time. */
  constructor(boundBytes: number, channels: number) {
    this.boundBytes = boundBytes;
    this.#channels = channels;
    this.#fairBytes = Math.floor(boundBytes / Math.max(1, channels));
    // All floors together leave half for the one channel that has a record of this size.
    this.floorBytes = Math.min(floorBytesMax, Math.floor(this.#fairBytes / 2));
  }

  /** The floors of channels that are still to come are theirs. */
  get freeBytes(): number {
    const toCome = Math.max(0, this.#channels - this.#holders.size);
    return this.boundBytes - this.#heldBytes - toCome * this.floorBytes;
  }

  get recordBytesMax(): number {
    return Math.floor(this.boundBytes / 2);
  }

  /** Whether a holder may grow: not while another one cannot go on. */
  mayGrow(holder: CreditHolder): boolean {
    for (const [waiting, mustGrow] of this.#waiting) if (mustGrow) return waiting === holder;
    return true;
  }

  /** What the holder holds counts from here on; it is its floor at first. */
  join(holder: CreditHolder): void {
    this.#holders.add(holder);
    this.changed(holder.heldBytes);
  }

  leave(holder: CreditHolder, nowMs: number): void {
    if (!this.#holders.delete(holder)) return;
    this.#waiting.delete(holder);
    this.changed(-holder.heldBytes);
    this.released(nowMs);
  }

  /** A holder holds so much more (or less) than before. */
  changed(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.boundBytes) {
      throw new Error(`${this.#heldBytes} bytes held of ${this.boundBytes}`);
    }
  }

  /** There was not enough free: takes from those who hold much, and calls back. */
  press(asking: CreditHolder, mustGrow: boolean, nowMs: number): void {
    this.#waiting.set(asking, mustGrow);
    const leftBytes = mustGrow ? this.floorBytes : this.#fairBytes;
    for (const holder of this.#holders) {
      if (holder !== asking && holder.heldBytes > leftBytes) holder.shrinkTo(leftBytes, nowMs);
    }
  }

  /** It has what it asked for. */
  content(holder: CreditHolder): void {
    this.#waiting.delete(holder);
  }

  released(nowMs: number): void {
    for (const holder of [...this.#waiting.keys()]) holder.retry(nowMs);
  }
}
