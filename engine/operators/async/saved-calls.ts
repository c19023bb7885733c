/** Records that wait for an answer, as bytes for a checkpoint: one entry each, so that they can be dealt out anew. */
import { decodeBatch, encodedBatch } from "../../records/codec.ts";
import { cursorOf } from "../../records/cursor.ts";
import type { Fields, RowOf, Schema } from "../../records/schema.ts";
import { ElementStage, elementReader } from "../process/elements.ts";
import type { NewCall } from "./async-queue.ts";

export function savedCalls(schema: Schema, calls: readonly NewCall[]): Uint8Array[] {
  const stage = new ElementStage(schema.fields);
  return calls.map(({ row, timeMs, dueMs }) => {
    const batch = stage.stage(row, timeMs);
    batch.dueMs = dueMs;
    return encodedBatch(batch, 0, 1);
  });
}

export function savedCall(schema: Schema, bytes: Uint8Array): NewCall {
  const batch = decodeBatch(schema, bytes);
  const cursor = cursorOf(schema);
  cursor.$bind(batch);
  const row = elementReader(schema.fields)(cursor) as RowOf<Fields>;
  return { row, timeMs: cursor.$time, dueMs: batch.dueMs };
}
