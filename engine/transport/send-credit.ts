/** The sender's side of a channel's credit: bytes that the receiver has room for. Pure. */

/**
 * A frame takes no more than this share of the window, so that the first is consumed while the last is on its way; and
 * a part of a batch is sent when there is credit for such a frame, since less makes ever smaller ones.
 */
const frameShare = 1 / 4;
/** On a link of 100 Mbit/s, 10 ms. Larger frames are no cheaper. */
const frameBytesMax = 131_072;

export class SendCredit {
  /** Bytes that may be sent. Never negative: what does not fit is not sent. */
  available = 0;
  #window = 0;
  /** What was asked for by `want` and is not yet there. */
  #wanted = 0;
  /** What was asked for and is there, until it is used: not to be given back, or two who want would starve each other. */
  #reserved = 0;

  /** `window` is all that the receiver would have on the way or in its queue. */
  grant(bytes: number, window: number): void {
    this.available += bytes;
    this.#window = window;
    if (this.#wanted > 0 && this.available >= this.#wanted) {
      this.#reserved = this.#wanted;
      this.#wanted = 0;
    }
  }

  spend(bytes: number): void {
    if (bytes > this.available) throw new Error(`${bytes} bytes sent with a credit of ${this.available}`);
    this.available -= bytes;
    this.#reserved = 0;
  }

  /** Gives back up to so many bytes that the receiver needs elsewhere; returns how many. */
  giveBack(bytes: number): number {
    const returned = Math.min(bytes, Math.max(0, this.available - this.#reserved));
    this.available -= returned;
    return returned;
  }

  /** Of a frame with a part of something bigger. */
  get frameBytes(): number {
    return Math.min(this.#window * frameShare, frameBytesMax);
  }

  /** Whether there is credit for such a frame, and for the record that comes next. */
  isWorthwhile(): boolean {
    return this.#wanted === 0 && this.available > 0 && this.available >= this.frameBytes;
  }

  /** Something that cannot be parted needs so much. True when the receiver is to be told, which is once. */
  want(bytes: number): boolean {
    if (bytes <= this.available || bytes <= this.#wanted) return false;
    this.#wanted = bytes;
    return true;
  }
}
