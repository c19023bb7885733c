/** The most that was asked of the job lately, for longer than observations are kept: one figure for each short stretch. */

const stretchMs = 10_000;

export class PeakMemory {
  readonly #keepMs: number;
  #peaks: { readonly sinceMs: number; most: number }[] = [];

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(atMs: number, asked: number): void {
    const last = this.#peaks.at(-1);
    if (last !== undefined && atMs - last.sinceMs < stretchMs) last.most = Math.max(last.most, asked);
    else this.#peaks.push({ sinceMs: atMs, most: asked });
    if (atMs - this.#peaks[0]!.sinceMs > this.#keepMs + stretchMs) this.#peaks.shift();
  }

  /** 0 where nothing was asked within that time. */
  within(atMs: number, spanMs: number): number {
    let most = 0;
    for (const peak of this.#peaks) if (atMs - peak.sinceMs <= spanMs) most = Math.max(most, peak.most);
    return most;
  }
}
