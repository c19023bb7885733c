/** One record out for each record in, of another schema; it keeps the event time. The plainest operator. */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { type RowWriter, rowWriterOf } from "../records/row-writer.ts";
import type { Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import type { Operator, Output } from "./operator.ts";

export type MapConfig = {
  readonly input: Schema;
  readonly output: Schema;
  /** Sets the columns of `out`; what it leaves out is null where that may be, else 0, false or empty. */
  readonly each: (row: Cursor, out: RowWriter) => void;
};

export function map({ input, output, each }: MapConfig): Operator {
  const cursor = cursorOf(input);
  const builder = new BatchBuilder(output);
  const writer = rowWriterOf(output, builder);
  const loop = specialise(mapRows);
  let out: Output;
  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      builder.dueMs = batch.dueMs;
      loop(batch, cursor, writer, each);
      out.emit(builder.finish());
    },
  };
}

function mapRows(batch: Batch, cursor: Cursor, writer: RowWriter, each: MapConfig["each"]): void {
  cursor.$bind(batch);
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    writer.$begin();
    each(cursor, writer);
    writer.$end(cursor.$time);
  }
}
