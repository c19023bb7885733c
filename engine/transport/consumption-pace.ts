/**
 * How much of a channel is consumed in a while: so much may wait in its queue. A consumer that is slow in records then
 * has a short queue though its records are small, so that barriers and watermarks do not stand behind minutes of work.
 * Pure.
 */

/** The turns of a node with a tenth of a core are some 40 ms long, and there are turns at both ends. */
const queueMs = 200;

export class ConsumptionPace {
  /** At the pace of late, consumed within `queueMs`. Rises at once, and is measured anew after each such while. */
  queueBytes = 0;
  #sinceMs: number;
  #bytes = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  consumed(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs < queueMs) {
      this.queueBytes = Math.max(this.queueBytes, this.#bytes);
      return;
    }
    this.queueBytes = Math.ceil((this.#bytes * queueMs) / elapsedMs);
    this.#bytes = 0;
    this.#sinceMs = nowMs;
  }
}
