/** Passes on the records that a function accepts: as they are when it takes all of a batch, else copied together. */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import type { Operator, Output } from "./operator.ts";
import { withColumnsAt } from "./select.ts";

export type FilterConfig = {
  readonly input: Schema;
  /** Columns of the input that are passed on; those that only the function reads may be missing. */
  readonly output: Schema;
  readonly accepts: (row: Cursor) => boolean;
};

export function filter({ input, output, accepts }: FilterConfig): Operator {
  const kept = output.columns.map(({ name }) => columnIndex(input, name));
  const cursor = cursorOf(input);
  const builder = new BatchBuilder(output);
  const loop = specialise(acceptedRows);
  let rows = new Uint32Array(0);
  let out: Output;
  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      if (rows.length < batch.rowCount) rows = new Uint32Array(batch.rowCount);
      const count = loop(batch, cursor, accepts, rows);
      if (count === 0) return;
      const passed = withColumnsAt(batch, output, kept);
      if (count === batch.rowCount) return out.emit(passed);
      builder.appendRows(passed, rows, 0, count);
      out.emit(builder.finish());
    },
  };
}

/** Writes the accepted rows' numbers, without a branch on the answer. */
function acceptedRows(
  batch: Batch,
  cursor: Cursor,
  accepts: FilterConfig["accepts"],
  rows: Uint32Array,
): number {
  cursor.$bind(batch);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    rows[count] = row;
    count += accepts(cursor) ? 1 : 0;
  }
  return count;
}
