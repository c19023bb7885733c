/**
 * The watermark of a source whose records come out of order by a known grace at most: the newest time of each split
 * less the grace, and of the splits the least. A split without records for `idleAfterMs` holds back nobody.
 */
import { WatermarkGate } from "./watermark-gate.ts";

export type OutOfOrderness = {
  readonly graceMs: number;
  readonly splits: number;
  /** Infinity: a silent split is waited for. */
  readonly idleAfterMs: number;
};

export class BoundedOutOfOrderness {
  readonly #graceMs: number;
  readonly #idleAfterMs: number;
  readonly #gate: WatermarkGate;
  /** By split: the wall-clock time of its last records, since the start for a split that had none. */
  readonly #lastSeenMs: Float64Array;

  constructor({ graceMs, splits, idleAfterMs }: OutOfOrderness, nowMs: number) {
    this.#graceMs = graceMs;
    this.#idleAfterMs = idleAfterMs;
    this.#gate = new WatermarkGate(splits);
    this.#lastSeenMs = new Float64Array(splits).fill(nowMs);
  }

  /** Records of a split came, the newest of this event time. */
  observe(split: number, newestMs: number, nowMs: number): void {
    this.#lastSeenMs[split] = nowMs;
    this.#gate.advance(split, newestMs - this.#graceMs, Number.NaN);
  }

  /** No record of this split will come any more. */
  end(split: number): void {
    this.#gate.advance(split, Number.POSITIVE_INFINITY, Number.NaN);
  }

  /** Splits that have been silent for too long count as idle from here on. */
  checkIdle(nowMs: number): void {
    for (let split = 0; split < this.#lastSeenMs.length; split++) {
      if (nowMs - this.#lastSeenMs[split]! >= this.#idleAfterMs) this.#gate.setIdle(split);
    }
  }

  get watermarkMs(): number {
    return this.#gate.watermarkMs;
  }

  get isIdle(): boolean {
    return this.#gate.isIdle;
  }
}
