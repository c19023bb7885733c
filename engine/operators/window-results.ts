/** Results of windows on their way out: the key, the window and the aggregates' columns, in batches. */
import { batchRows } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import type { Schema } from "../records/schema.ts";
import { putKey } from "../state/keyed-table.ts";
import type { Rows } from "../state/row-columns.ts";
import type { Aggregates } from "./aggregates/aggregates.ts";
import { atEachRow } from "./aggregates/cells.ts";
import type { ResultContext } from "./counted-output.ts";
import type { Steps } from "./operator.ts";

export class WindowResults {
  readonly #builder: BatchBuilder;
  readonly #context: ResultContext;
  readonly #aggregates: Aggregates;
  readonly #hasBounds: boolean;

  /** Without bounds: the output has no columns for when the window starts and ends. */
  constructor(output: Schema, context: ResultContext, aggregates: Aggregates, hasBounds = true) {
    this.#hasBounds = hasBounds;
    this.#builder = new BatchBuilder(output);
    this.#context = context;
    this.#aggregates = aggregates;
  }

  /** A result for each row, emitted when a batch is full. */
  *add(blocks: Iterable<Rows>, startMs: number, endMs: number): Steps {
    for (const rows of blocks) {
      for (let from = 0; from < rows.rowCount; ) {
        const to = Math.min(rows.rowCount, from + batchRows - this.#builder.rowCount);
        this.write(rows, from, to, startMs, endMs);
        from = to;
        if (this.#builder.rowCount < batchRows) continue;
        this.emit();
        yield;
      }
    }
  }

  write(rows: Rows, from: number, to: number, startMs: number, endMs: number, timeMs = endMs - 1): void {
    const builder = this.#builder;
    const count = to - from;
    if (count === 0) return;
    builder.reserve(count);
    const at = builder.rowCount;
    if (rows.keys instanceof Float64Array)
      (builder.columns[0] as Float64Array).set(rows.keys.subarray(from, to), at);
    else atEachRow(builder, count, (index) => putKey(rows, from + index, builder, 0));
    if (this.#hasBounds) {
      (builder.columns[1] as Float64Array).fill(startMs, at, at + count);
      (builder.columns[2] as Float64Array).fill(endMs, at, at + count);
    }
    this.#aggregates.result(rows, from, to, builder, this.#hasBounds ? 3 : 1);
    builder.times.fill(timeMs, at, at + count);
    builder.rowCount += count - 1;
    builder.endRow(timeMs);
  }

  get isFull(): boolean {
    return this.#builder.rowCount >= batchRows;
  }

  /** What has been gathered. */
  emit(): void {
    if (this.#builder.rowCount === 0) return;
    this.#builder.dueMs = this.#context.watermarkDueMs;
    this.#context.out.emit(this.#builder.finish());
  }
}
