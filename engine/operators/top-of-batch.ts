/**
 * The half of a top-per-window that stands before the exchange: of each batch only the rows that are the largest of
 * their window pass on, with the window's start as their key. It keeps nothing from batch to batch.
 */
import { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex, keyColumn, type Schema, schema } from "../records/schema.ts";
import type { Operator, Output } from "./operator.ts";
import { withoutTime } from "./slice-runs.ts";

export type TopConfig = {
  readonly input: Schema;
  /** A column of numbers: the rows where it is largest are the result, all of them where several are equal. */
  readonly by: string;
  readonly sizeMs: number;
};

export function topOfBatchOutput({ input }: TopConfig): Schema {
  return schema({ ...input.fields, [keyColumn]: "timestamp" });
}

export function topOfBatch(config: TopConfig): Operator {
  const { input, sizeMs } = config;
  const byColumn = columnIndex(input, config.by);
  const keyed = topOfBatchOutput(config);
  const builder = new BatchBuilder(keyed, 64);
  let rows = new Uint32Array(0);
  let starts = new Float64Array(0);
  let out: Output;

  /** Rows that are the largest of their window, as far as the batch goes; runs of one window are dealt with at once. */
  function winners(values: Float64Array | Int32Array, times: Float64Array, rowCount: number): number {
    let count = 0;
    let runFrom = 0;
    let startMs = Number.NaN;
    let best = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rowCount; row++) {
      const timeMs = times[row]!;
      if (!(timeMs >= startMs && timeMs < startMs + sizeMs)) {
        startMs = Math.floor(timeMs / sizeMs) * sizeMs;
        if (Number.isNaN(startMs)) throw withoutTime();
        runFrom = count;
        best = Number.NEGATIVE_INFINITY;
      }
      const value = values[row]!;
      if (value < best) continue;
      if (value > best) {
        best = value;
        count = runFrom;
      }
      rows[count] = row;
      starts[count++] = startMs;
    }
    return count;
  }

  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      if (batch.rowCount === 0) return;
      if (batch.times === undefined) throw withoutTime();
      if (rows.length < batch.rowCount) {
        rows = new Uint32Array(batch.rowCount);
        starts = new Float64Array(batch.rowCount);
      }
      const values = batch.columns[byColumn] as Float64Array | Int32Array;
      const count = winners(values, batch.times, batch.rowCount);
      // `starts` goes by the rows that are taken, a column by all rows.
      const keys = new Float64Array(batch.rowCount);
      for (let at = 0; at < count; at++) keys[rows[at]!] = starts[at]!;
      const withKey = new Batch(
        keyed,
        batch.rowCount,
        [...batch.columns, keys],
        batch.times,
        [...batch.valid, undefined],
        batch.dueMs,
      );
      builder.appendRows(withKey, rows, 0, count);
      out.emit(builder.finish());
    },
  };
}
