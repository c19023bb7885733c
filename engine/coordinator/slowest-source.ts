/** How far the slowest source of all workers is, for their alignment: gathered from what each tells, and told to all. */
import { isNews, type SourceTime, slowest } from "../time/alignment.ts";

export class SlowestSource {
  readonly #aheadMs: number;
  readonly #byWorker = new Map<string, SourceTime>();
  #told: SourceTime = null;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** What all workers are to be told now; undefined: nothing. */
  heard(worker: string, ofItsSources: SourceTime): SourceTime | undefined {
    this.#byWorker.set(worker, ofItsSources);
    const now = slowest(this.#byWorker.values());
    if (!isNews(this.#told, now, this.#aheadMs)) return undefined;
    this.#told = now;
    return now;
  }
}
