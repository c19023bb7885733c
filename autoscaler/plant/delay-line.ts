/** Amounts under way: what is put in comes out so many ticks later, a part of a tick split over two. */

export class DelayLine {
  readonly #ring: Float64Array;
  readonly #whole: number;
  readonly #part: number;
  #at = 0;

  constructor(ticks: number) {
    this.#whole = Math.floor(ticks);
    this.#part = ticks - this.#whole;
    this.#ring = new Float64Array(this.#whole + 2);
  }

  put(amount: number): void {
    const { length } = this.#ring;
    const first = (this.#at + this.#whole) % length;
    this.#ring[first]! += amount * (1 - this.#part);
    this.#ring[(first + 1) % length]! += amount * this.#part;
  }

  /** What is due in this tick; call it once a tick, after `put`. */
  take(): number {
    const due = this.#ring[this.#at]!;
    this.#ring[this.#at] = 0;
    this.#at = (this.#at + 1) % this.#ring.length;
    return due;
  }
}
