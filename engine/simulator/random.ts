/** The one source of chance in a simulated run: Doty-Humphrey's sfc32, 128 bits of state, fast and good enough. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9 | 0;
    for (let round = 0; round < 12; round++) this.bits();
  }

  /** 32 random bits, as an unsigned integer. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  ratio(): number {
    return this.bits() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.ratio() < probability;
  }

  /** Whole, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.ratio() * (most - least + 1));
  }

  /** Exponential: mostly short, at times long, never over ten times the mean. */
  delayMs(meanMs: number): number {
    return Math.min(10 * meanMs, -Math.log(1 - this.ratio()) * meanMs);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.between(0, values.length - 1)]!;
  }
}
