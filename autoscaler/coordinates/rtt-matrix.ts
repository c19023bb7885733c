/** Round trips between all pairs of a set of nodes, as a table tells them; pairs without a measurement are left out. */

export class RttMatrix {
  readonly size: number;
  /** Measured ones. */
  readonly pairs: number;
  /** Pairs whose two directions differ; each counts as their mean. */
  readonly asymmetric: number;
  readonly #ms: Float64Array;

  /** What is empty, 0 or on the diagonal is no measurement; one direction alone stands for both. */
  constructor(values: readonly (readonly (number | null)[])[]) {
    this.size = values.length;
    this.#ms = new Float64Array(this.size * this.size);
    let pairs = 0;
    let asymmetric = 0;
    for (let one = 0; one < this.size; one++) {
      for (let other = 0; other < one; other++) {
        const there = values[one]![other] || 0;
        const back = values[other]![one] || 0;
        const isBoth = there > 0 && back > 0;
        if (isBoth && there !== back) asymmetric++;
        const rttMs = isBoth ? (there + back) / 2 : Math.max(there, back);
        if (rttMs > 0) pairs++;
        this.#ms[one * this.size + other] = rttMs;
        this.#ms[other * this.size + one] = rttMs;
      }
    }
    this.pairs = pairs;
    this.asymmetric = asymmetric;
  }

  /** 0: not measured. */
  rttMs(one: number, other: number): number {
    return this.#ms[one * this.size + other]!;
  }

  peersOf(one: number): number[] {
    const peers: number[] = [];
    for (let other = 0; other < this.size; other++) if (this.rttMs(one, other) > 0) peers.push(other);
    return peers;
  }
}
