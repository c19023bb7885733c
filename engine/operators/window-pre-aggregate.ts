/**
 * The half of a windows' aggregation that stands before the exchange: it gathers by key and slice what many records
 * say, and sends one partial result for each. It keeps nothing at a barrier: what it has is sent before the barrier.
 */
import { type Batch, batchRows } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex } from "../records/schema.ts";
import { type KeyedTable, putKey } from "../state/keyed-table.ts";
import { Slices } from "../state/slices.ts";
import { firstWindowStart, isGap, type TimeWindows } from "../time/window.ts";
import { timeWindowsOf } from "../time/window-spec.ts";
import { atEachRow } from "./aggregates/cells.ts";
import { KeyedAggregates } from "./aggregates/keyed-aggregates.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { SliceRuns } from "./slice-runs.ts";
import { keyTypeOf, preAggregateOutput, type WindowAggregateConfig } from "./window-aggregate-config.ts";

/** Rows gathered at most: a table of so many stays in a core's second-level cache. */
const mostRows = 16_384;

export const windowPreAggregate = (config: WindowAggregateConfig): Operator => new WindowPreAggregate(config);

class WindowPreAggregate implements Operator {
  readonly #config: WindowAggregateConfig;
  readonly #windows: TimeWindows;
  readonly #runs: SliceRuns;
  #context!: OperatorContext;
  #aggregates!: KeyedAggregates;
  #slices!: Slices<KeyedTable>;
  #builder!: BatchBuilder;
  #rows = 0;
  /** When the earliest of the gathered records was due. */
  #dueMs = Number.NaN;

  constructor(config: WindowAggregateConfig) {
    this.#config = config;
    this.#windows = timeWindowsOf(config.window);
    this.#runs = new SliceRuns(this.#windows);
  }

  open(context: OperatorContext): void {
    const { input, key, aggregates } = this.#config;
    this.#context = context;
    this.#aggregates = new KeyedAggregates({
      aggregates,
      input,
      key,
      keyColumn: columnIndex(input, key),
      keyType: keyTypeOf(input, key),
      maxParallelism: context.maxParallelism,
    });
    this.#slices = new Slices(() => this.#aggregates.makeTable());
    this.#builder = new BatchBuilder(preAggregateOutput(this.#config));
  }

  onBatch(batch: Batch): void {
    if (!(this.#dueMs <= batch.dueMs)) this.#dueMs = batch.dueMs;
    this.#runs.each(batch, this.#take);
    if (this.#rows > mostRows) this.#sendBelow(Number.POSITIVE_INFINITY);
  }

  onWatermark(watermarkMs: number): undefined {
    this.#sendBelow(watermarkMs);
  }

  onBarrier(): void {
    this.#sendBelow(Number.POSITIVE_INFINITY);
  }

  readonly #take = (slice: number, batch: Batch, from: number, to: number): void => {
    if (isGap(this.#windows, slice)) return;
    const table = this.#slices.at(slice);
    const before = table.rowCount;
    this.#aggregates.add(table, batch, from, to);
    this.#rows += table.rowCount - before;
  };

  /** Slices that a window needs which is over by this watermark; the others may go on gathering. */
  #sendBelow(watermarkMs: number): void {
    for (const slice of this.#slices.starts()) {
      if (firstWindowStart(this.#windows, slice) + this.#windows.sizeMs > watermarkMs) break;
      const table = this.#slices.find(slice)!;
      for (let from = 0; from < table.rowCount; from += batchRows) {
        this.#send(table, from, Math.min(table.rowCount, from + batchRows), slice);
      }
      this.#rows -= table.rowCount;
      this.#slices.drop(slice);
    }
    if (this.#rows === 0) this.#dueMs = Number.NaN;
  }

  #send(table: KeyedTable, from: number, to: number, slice: number): void {
    const builder = this.#builder;
    const count = to - from;
    builder.reserve(count);
    if (table.kind === "integers") (builder.columns[0] as Float64Array).set(table.keys.subarray(from, to));
    else atEachRow(builder, count, (index) => putKey(table, from + index, builder, 0));
    for (const [at, values] of table.float64.entries()) {
      (builder.columns[at + 1] as Float64Array).set(values.subarray(from, to));
    }
    builder.times.fill(slice, 0, count);
    builder.rowCount = count - 1;
    builder.endRow(slice);
    builder.dueMs = this.#dueMs;
    this.#context.out.emit(builder.finish());
  }
}
