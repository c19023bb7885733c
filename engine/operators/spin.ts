/** Passes rows on after so much work for each: what a job does with a record, for experiments that want it heavier. */
import type { Operator, Output } from "./operator.ts";

export type SpinSettings = {
  readonly microseconds: number;
  /** A clock of the processor's time or the wall's; it goes on while the operator works. */
  readonly nowUs: () => number;
};

/** Rounds between two looks at the clock, which costs about 40 ns. */
const roundsAtOnce = 16;

export function spin({ microseconds, nowUs }: SpinSettings): Operator {
  let out: Output;
  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      // One stretch for the whole batch: the same work, and clock readings do not add to it.
      if (microseconds > 0) burn(nowUs, nowUs() + microseconds * batch.rowCount);
      out.emit(batch);
    },
  };
}

function burn(nowUs: () => number, untilUs: number): number {
  let work = 1;
  while (nowUs() < untilUs)
    for (let round = 0; round < roundsAtOnce; round++) work = Math.imul(work, 0x9e3779b1) + 1;
  return work;
}
