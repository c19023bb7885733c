/**
 * Runs one subtask of an operator in a test: rows go in as plain objects and come out as plain objects, time is what the
 * test says, and a snapshot taken at a barrier can be restored into new subtasks, as many as the test likes.
 */
import { BlobReader } from "../checkpoint/blob.ts";
import type { Part } from "../checkpoint/part.ts";
import { PartBuilder } from "../checkpoint/part-builder.ts";
import { restoredState } from "../checkpoint/restore-state.ts";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { cursorOf } from "../records/cursor.ts";
import { rowWriterOf } from "../records/row-writer.ts";
import type { Schema } from "../records/schema.ts";
import { evenAssignment, keyGroupsOf } from "../state/assignment.ts";
import { MemoryState } from "../state/memory-state.ts";
import type { Operator, OperatorContext, Output, SinkFiles } from "./operator.ts";

/** `$time` is the event time; left out for a row without one. */
export type PlainRow = Record<string, unknown> & { $time?: number };
export type HarnessSnapshot = { readonly part: Part; readonly blobs: ReadonlyMap<string, Uint8Array> };
export type HarnessSettings = {
  readonly subtask?: number;
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  /** One of each subtask that there was, in their order. */
  readonly restore?: readonly HarnessSnapshot[];
  readonly files?: SinkFiles;
};

export class OperatorHarness {
  readonly operator: Operator;
  readonly keyGroups: readonly number[];
  nowMs = 0;
  watermarkMs = Number.NEGATIVE_INFINITY;
  /** How often the operator asked for `onWake` because something outside answered. */
  wakes = 0;
  readonly #results = new Map<string, PlainRow[]>();
  readonly #state: MemoryState;

  constructor(operator: Operator, settings: HarnessSettings = {}) {
    const { subtask = 0, parallelism = 1, maxParallelism = 128, restore } = settings;
    this.operator = operator;
    this.keyGroups = keyGroupsOf(evenAssignment(maxParallelism, parallelism), subtask);
    const blobs = new Map(restore?.flatMap((snapshot) => [...snapshot.blobs]));
    const restored =
      restore &&
      restoredState(
        "operator",
        restore.map(({ part }) => part),
        { owns: (keyGroup) => this.keyGroups.includes(keyGroup), subtask, parallelism },
        (name) => new BlobReader(name, blobs.get(name)!),
      );
    this.#state = new MemoryState({
      operator: "operator",
      maxParallelism,
      ...(restored ? { restored } : {}),
    });
    const harness = this;
    const context: OperatorContext = {
      subtask,
      parallelism,
      maxParallelism,
      keyGroups: this.keyGroups,
      out: this.#output(""),
      side: (name) => this.#output(name),
      state: this.#state,
      nowMs: () => this.nowMs,
      get watermarkMs() {
        return harness.watermarkMs;
      },
      watermarkDueMs: Number.NaN,
      wake: () => {
        this.wakes++;
      },
      files: settings.files ?? noFiles,
    };
    operator.open?.(context);
    this.#state.finishRestore();
  }

  rows(schema: Schema, rows: readonly PlainRow[], input = 0): this {
    return this.batch(batchOf(schema, rows), input);
  }

  batch(batch: Batch, input = 0): this {
    this.operator.onBatch(batch, input);
    return this;
  }

  watermark(watermarkMs: number): this {
    this.watermarkMs = watermarkMs;
    const steps = this.operator.onWatermark?.(watermarkMs);
    if (steps) for (const _ of steps);
    return this;
  }

  /** The clock goes on to this time, and stops where the operator wants to be woken. */
  clock(nowMs: number): this {
    for (let wakeMs: number; (wakeMs = this.operator.nextWakeMs?.() ?? Infinity) <= nowMs; ) {
      this.nowMs = Math.max(this.nowMs, wakeMs);
      this.operator.onWake?.(this.nowMs);
    }
    this.nowMs = nowMs;
    return this;
  }

  /** The end of all input. */
  end(): this {
    this.watermark(Number.POSITIVE_INFINITY);
    const steps = this.operator.onEnd?.();
    if (steps) for (const _ of steps);
    return this;
  }

  /** Results since the last call; of a side output if it is named. */
  take(output = ""): PlainRow[] {
    const rows = this.#results.get(output) ?? [];
    this.#results.delete(output);
    return rows;
  }

  snapshot(checkpoint = 1): HarnessSnapshot {
    this.operator.onBarrier?.(checkpoint);
    const blobName = `blob-${this.keyGroups[0]}-${checkpoint}`;
    const builder = new PartBuilder(blobName, undefined);
    for (const _ of builder.encode(this.#state.freeze()));
    const { part, blob } = builder.finish();
    return { part, blobs: new Map(blob ? [[blob.name, blob.bytes]] : []) };
  }

  #output(name: string): Output {
    return {
      emit: (batch) => {
        const rows = this.#results.get(name) ?? [];
        rows.push(...plainRows(batch));
        this.#results.set(name, rows);
      },
    };
  }
}

export function batchOf(schema: Schema, rows: readonly PlainRow[]): Batch {
  const builder = new BatchBuilder(schema, Math.max(1, rows.length));
  const writer = rowWriterOf(schema, builder);
  for (const row of rows) {
    writer.$begin();
    for (const { name } of schema.columns) if (name in row) writer[name] = row[name] as never;
    writer.$end(row.$time ?? Number.NaN);
  }
  return builder.detach();
}

export function plainRows(batch: Batch): PlainRow[] {
  const cursor = cursorOf(batch.schema);
  cursor.$bind(batch);
  return Array.from({ length: batch.rowCount }, (_, index) => {
    cursor.$row = index;
    const row: PlainRow = {};
    for (const { name, type } of batch.schema.columns) {
      const value = cursor[name];
      row[name] = type === "bytes" && value !== null ? new Uint8Array(value as Uint8Array) : value;
    }
    if (!Number.isNaN(cursor.$time)) row.$time = cursor.$time;
    return row;
  });
}

const noFiles: SinkFiles = {
  append: () => undefined,
  sync: () => undefined,
  publish: () => undefined,
  remove: () => undefined,
  list: () => [],
};
