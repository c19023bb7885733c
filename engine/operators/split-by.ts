/** Sends each record to the one of its outputs that a function names, in one pass; columns and times stay as they are. */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import type { Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import type { Operator, Output } from "./operator.ts";

export type SplitByConfig = {
  readonly input: Schema;
  readonly outputs: readonly string[];
  /** The place of the output in `outputs`; a record of any other number goes nowhere. */
  readonly placeOf: (row: Cursor) => number;
};

export function splitBy({ input, outputs, placeOf }: SplitByConfig): Operator {
  const cursor = cursorOf(input);
  const builders = outputs.map(() => new BatchBuilder(input));
  const counts = new Int32Array(outputs.length);
  const loop = specialise(assignRows);
  let rows: Uint32Array[] = [];
  let capacity = 0;
  let sides: Output[] = [];
  return {
    open(context) {
      sides = outputs.map((name) => context.side(name));
    },
    onBatch(batch) {
      if (capacity < batch.rowCount) {
        capacity = batch.rowCount;
        rows = outputs.map(() => new Uint32Array(capacity));
      }
      loop(batch, cursor, placeOf, rows, counts.fill(0));
      for (let place = 0; place < sides.length; place++) {
        const count = counts[place]!;
        if (count === batch.rowCount) sides[place]!.emit(batch);
        else if (count > 0) {
          builders[place]!.appendRows(batch, rows[place]!, 0, count);
          sides[place]!.emit(builders[place]!.finish());
        }
      }
    },
  };
}

function assignRows(
  batch: Batch,
  cursor: Cursor,
  placeOf: SplitByConfig["placeOf"],
  rows: readonly Uint32Array[],
  counts: Int32Array,
): void {
  cursor.$bind(batch);
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    const place = placeOf(cursor);
    if (place >= 0 && place < counts.length) rows[place]![counts[place]!++] = row;
  }
}
