/** Hands every row to a function, as a plain object: for tests and for jobs that run in one process. */
import type { SinkSpec } from "../dataflow/sink-spec.ts";
import { elementReader } from "../operators/process/elements.ts";
import { cursorOf } from "../records/cursor.ts";

export type Collected = Readonly<Record<string, unknown>>;

/** `timeMs` is NaN for a row without event time. */
export const collectSink = (collect: (row: Collected, timeMs: number) => void): SinkSpec => ({
  name: "collect",
  readsEventTime: true,
  make: (input) => {
    const cursor = cursorOf(input);
    const read = elementReader(input.fields);
    return {
      onBatch(batch) {
        cursor.$bind(batch);
        for (let row = 0; row < batch.rowCount; row++) {
          cursor.$row = row;
          collect(read(cursor) as Collected, cursor.$time);
        }
      },
    };
  },
});
