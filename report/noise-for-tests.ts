/** Seeded noise for records that are made for tests (mulberry32). */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Normal, with a standard deviation of `share` of the mean. */
  around(mean: number, share: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean * (1 + share * radius * Math.cos(2 * Math.PI * this.next()));
  }
}
