/** What is counted for each operator of a subtask, and who spends the time: one clock reading for each change of hands. */
export type PreciseClock = () => number;

/** Processing time of a record in ns, in powers of two: bucket b counts records that took up to 2^b ns. */
export const processingBuckets = 32;

export class OperatorMetrics {
  readonly id: string;
  readonly name: string;
  batchesIn = 0;
  recordsIn = 0;
  recordsOut = 0;
  /** Time in the operator itself, without those that it called. */
  selfMs = 0;
  readonly processingNs = new Float64Array(processingBuckets);

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  /** Notes a batch of `rows` that took `ms` in the operator and all behind it. */
  tookBatch(rows: number, ms: number): void {
    if (rows === 0) return;
    const nsEach = (ms * 1e6) / rows;
    const bucket = nsEach <= 1 ? 0 : Math.min(processingBuckets - 1, 32 - Math.clz32(nsEach - 1));
    this.processingNs[bucket]! += rows;
  }
}

/** Whose turn it is. After a throw it still says whose it was, which names the operator that failed. */
export class TurnMeter {
  current: OperatorMetrics | undefined;
  readonly #preciseMs: PreciseClock;
  #sinceMs: number;

  constructor(preciseMs: PreciseClock) {
    this.#preciseMs = preciseMs;
    this.#sinceMs = preciseMs();
  }

  /** Hands the turn over, and returns when that was. */
  turnTo(next: OperatorMetrics | undefined): number {
    const nowMs = this.#preciseMs();
    if (this.current !== undefined) this.current.selfMs += nowMs - this.#sinceMs;
    this.current = next;
    this.#sinceMs = nowMs;
    return nowMs;
  }
}
