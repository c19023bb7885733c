/** Any number of records out for each record in, of another schema; they have its event time unless told another. */

import type { Batch } from "../records/batch.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import type { Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import { type Emitter, type EmitterEnd, emitterOf } from "./emitter.ts";
import type { Operator } from "./operator.ts";

export type FlatMapConfig = {
  readonly input: Schema;
  readonly output: Schema;
  readonly each: (row: Cursor, out: Emitter) => void;
};

export function flatMap({ input, output, each }: FlatMapConfig): Operator {
  const cursor = cursorOf(input);
  const loop = specialise(flatMapRows);
  let emitter: EmitterEnd;
  return {
    open(context) {
      emitter = emitterOf(output, context.out);
    },
    onBatch(batch) {
      emitter.dueMs = batch.dueMs;
      loop(batch, cursor, emitter, each);
      emitter.flush();
    },
  };
}

function flatMapRows(batch: Batch, cursor: Cursor, emitter: EmitterEnd, each: FlatMapConfig["each"]): void {
  cursor.$bind(batch);
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    emitter.timeMs = cursor.$time;
    each(cursor, emitter);
  }
}
