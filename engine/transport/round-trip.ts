/** The least round trip of late: queues on the way make samples longer, and only what is left without them is wanted. */

const samplesMax = 16;

export class RoundTrip {
  readonly #samples: number[] = [];
  /** 0 before the first sample. */
  leastMs = 0;

  add(sampleMs: number): void {
    if (!(sampleMs >= 0)) return;
    if (this.#samples.length === samplesMax) this.#samples.shift();
    this.#samples.push(sampleMs);
    this.leastMs = Math.min(...this.#samples);
  }
}
