/** Takes event times from a column, and with them makes the watermark of records that come out of order by a grace at most. */
import { columnIndex, type Schema } from "../records/schema.ts";
import { BoundedOutOfOrderness } from "../time/bounded-out-of-orderness.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { withColumnsAt } from "./select.ts";

export type AssignTimestampsConfig = {
  readonly input: Schema;
  /** Columns of the input that are passed on: the one of the times may be missing. */
  readonly output: Schema;
  /** An integer or timestamp, in ms. */
  readonly column: string;
  readonly graceMs: number;
  /** Silent for so long, it holds back nobody; Infinity: it is waited for. */
  readonly idleAfterMs: number;
};

export function assignTimestamps({
  input,
  output,
  column,
  graceMs,
  idleAfterMs,
}: AssignTimestampsConfig): Operator {
  const index = columnIndex(input, column);
  const kept = output.columns.map(({ name }) => columnIndex(input, name));
  let context: OperatorContext;
  let progress: BoundedOutOfOrderness;
  let wakeMs = Number.POSITIVE_INFINITY;
  return {
    open(opened) {
      context = opened;
      progress = new BoundedOutOfOrderness({ graceMs, idleAfterMs, splits: 1 }, context.nowMs());
      wakeMs = context.nowMs() + idleAfterMs;
    },
    onBatch(batch) {
      const times = batch.columns[index] as Float64Array;
      let newestMs = Number.NEGATIVE_INFINITY;
      for (let row = 0; row < batch.rowCount; row++) newestMs = Math.max(newestMs, times[row]!);
      const passed = withColumnsAt(batch, output, kept);
      passed.times = times;
      context.out.emit(passed);
      progress.observe(0, newestMs, context.nowMs());
      wakeMs = context.nowMs() + idleAfterMs;
    },
    outputWatermarkMs: () => progress.watermarkMs,
    isIdle: () => progress.isIdle,
    nextWakeMs: () => wakeMs,
    onWake(nowMs) {
      progress.checkIdle(nowMs);
      wakeMs = Number.POSITIVE_INFINITY;
    },
  };
}
