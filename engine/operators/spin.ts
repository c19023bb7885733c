/** So much work for each row, and the operator that does it: what a job does with a record, for experiments that want it heavier. */
import type { Operator, OperatorContext } from "./operator.ts";

export type SpinSettings = {
  readonly microseconds: number;
  /** The processor's time that this thread has had. While the thread is held up it stands still. */
  readonly cpuUs: () => number;
  /** Goes on at least as fast, and is cheap to read. */
  readonly nowUs: () => number;
};

/** Rounds between two looks at the cheap clock, which costs about 40 ns. */
const roundsAtOnce = 16;
/** Long against a look at the processor's time (1 µs), short against what a self-limiting worker sleeps by. */
const sliceUs = 500;

/** Passes rows on after the work for each. */
export function spin(settings: SpinSettings): Operator {
  const work = new Work(settings);
  let context: OperatorContext;
  return {
    open(given) {
      context = given;
    },
    onBatch(batch) {
      work.onRows(batch.rowCount, context);
      context.out.emit(batch);
    },
  };
}

export class Work {
  readonly #settings: SpinSettings;
  /** What was worked too much is taken off the next batch, so that the clock's coarseness does not add up. */
  #owedUs = 0;

  constructor(settings: SpinSettings) {
    this.#settings = settings;
  }

  onRows(rows: number, context: OperatorContext): void {
    const { microseconds, cpuUs, nowUs } = this.#settings;
    this.#owedUs += microseconds * rows;
    if (this.#owedUs <= 0) return;
    let before = cpuUs();
    while (this.#owedUs > 0) {
      burn(nowUs, nowUs() + Math.min(this.#owedUs, sliceUs));
      const after = cpuUs();
      this.#owedUs -= after - before;
      before = after;
      context.rest?.();
    }
  }
}

function burn(nowUs: () => number, untilUs: number): number {
  let work = 1;
  while (nowUs() < untilUs)
    for (let round = 0; round < roundsAtOnce; round++) work = Math.imul(work, 0x9e3779b1) + 1;
  return work;
}
