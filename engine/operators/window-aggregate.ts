/**
 * Aggregates for each key and window of event time, tumbling or sliding. Windows are made of slices: a record is added
 * to one slice, and when the watermark reaches a window's end its slices are merged.
 */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import { findCell, type KeyedTable } from "../state/keyed-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Rows } from "../state/row-columns.ts";
import type { Slices } from "../state/slices.ts";
import {
  expiryOf,
  firstWindowStart,
  isGap,
  nextWindow,
  type TimeWindows,
  windowsOf,
} from "../time/window.ts";
import { checkWhole, timeWindowsOf } from "../time/window-spec.ts";
import { windowText } from "../time/window-text.ts";
import { aggregatesText } from "./aggregates/aggregates-text.ts";
import { KeyedAggregates } from "./aggregates/keyed-aggregates.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";
import { SliceMerger } from "./slice-merger.ts";
import { SliceRuns } from "./slice-runs.ts";
import { keyTypeOf, type WindowAggregateConfig, windowAggregateOutput } from "./window-aggregate-config.ts";
import { WindowResults } from "./window-results.ts";

export const windowAggregate = (config: WindowAggregateConfig): Operator => new WindowAggregate(config);

class WindowAggregate implements Operator {
  readonly #config: WindowAggregateConfig;
  readonly #windows: TimeWindows;
  readonly #latenessMs: number;
  readonly #keyType: KeyType;
  /** By input: records, and what `windowPreAggregate` of the same configuration has made of records. */
  readonly #runs: readonly [SliceRuns, SliceRuns];
  #context!: OperatorContext;
  #aggregates!: KeyedAggregates;
  #slices!: Slices<KeyedTable>;
  #seen!: SeenWatermark;
  #merger!: SliceMerger;
  #results!: WindowResults;
  #recordKey = 0;
  /** Of the batch at hand. */
  #isPartial = false;
  #keyColumn = 0;
  /** The end of the earliest window that has data and has not fired. */
  #nextEndMs = Number.POSITIVE_INFINITY;
  #lateRecords = 0;
  #keyGroups = new Uint16Array(0);

  constructor(config: WindowAggregateConfig) {
    this.#config = config;
    this.#windows = timeWindowsOf(config.window);
    this.#latenessMs = config.latenessMs ?? 0;
    checkWhole("the allowed lateness", this.#latenessMs, 0);
    this.#keyType = keyTypeOf(config.input, config.key);
    this.#runs = [new SliceRuns(this.#windows), new SliceRuns(this.#windows)];
  }

  open(context: OperatorContext): void {
    const { input, key, window, aggregates } = this.#config;
    this.#context = context;
    this.#recordKey = columnIndex(input, key);
    this.#aggregates = new KeyedAggregates({
      aggregates,
      input,
      key,
      keyColumn: this.#recordKey,
      keyType: this.#keyType,
      maxParallelism: context.maxParallelism,
    });
    const meaning = `${windowText(window)}; ${aggregatesText(aggregates, input, key)}`;
    this.#slices = context.state.slices("slices", this.#keyType, this.#aggregates.all.shape, meaning);
    this.#seen = new SeenWatermark(context);
    this.#merger = this.#newMerger();
    this.#results = new WindowResults(windowAggregateOutput(this.#config), context, this.#aggregates.all);
    this.#findNextEnd();
  }

  onBatch(batch: Batch, input: number): void {
    this.#isPartial = input === 1;
    this.#keyColumn = this.#isPartial ? 0 : this.#recordKey;
    this.#runs[this.#isPartial ? 1 : 0].each(batch, this.#take);
  }

  onWatermark(watermarkMs: number): Steps | undefined {
    if (watermarkMs <= this.#seen.watermarkMs) return undefined;
    if (watermarkMs < this.#nextEndMs) {
      this.#seen.rise(watermarkMs);
      return undefined;
    }
    return this.#fire(watermarkMs);
  }

  onBarrier(): void {
    this.#seen.save();
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { lateRecords: this.#lateRecords };
  }

  readonly #take = (slice: number, batch: Batch, from: number, to: number): void => {
    if (isGap(this.#windows, slice)) return;
    const expiryMs = expiryOf(this.#windows, slice, this.#latenessMs);
    if (!this.#seen.isUneven) {
      this.#takeSeen(slice, batch, from, to, expiryMs, this.#seen.watermarkMs);
      return;
    }
    // After a restore some key groups had gone further than others: what is late is decided by each record's group.
    if (this.#keyGroups.length < to) this.#keyGroups = new Uint16Array(to);
    const column = batch.columns[this.#keyColumn]!;
    keyGroupsOfColumn(this.#keyType, column, to, this.#context.maxParallelism, this.#keyGroups);
    for (let row = from; row < to; row++) {
      this.#takeSeen(slice, batch, row, row + 1, expiryMs, this.#seen.of(this.#keyGroups[row]!));
    }
  };

  /** Records of keys for which everything up to a watermark was acted on. */
  #takeSeen(
    slice: number,
    batch: Batch,
    from: number,
    to: number,
    expiryMs: number,
    watermarkMs: number,
  ): void {
    if (expiryMs <= watermarkMs) {
      this.#late(batch, from, to);
      return;
    }
    const table = this.#tableOf(slice);
    if (
      this.#latenessMs > 0 &&
      firstWindowStart(this.#windows, slice) + this.#windows.sizeMs <= watermarkMs
    ) {
      for (let row = from; row < to; row++) {
        this.#add(table, batch, row, row + 1);
        this.#fireAgain(slice, batch, row, watermarkMs);
      }
      this.#results.emit();
    } else this.#add(table, batch, from, to);
  }

  #tableOf(slice: number): KeyedTable {
    const table = this.#slices.at(slice);
    const { watermarkMs } = this.#seen;
    if (table.rowCount === 0) {
      const start = nextWindow(this.#windows, [slice], watermarkMs);
      if (start !== undefined) this.#nextEndMs = Math.min(this.#nextEndMs, start + this.#windows.sizeMs);
    }
    if (slice + this.#windows.sliceMs <= watermarkMs) this.#merger.changed(slice);
    return table;
  }

  #add(table: KeyedTable, batch: Batch, from: number, to: number): void {
    if (this.#isPartial) this.#aggregates.addPartial(table, batch, from, to);
    else this.#aggregates.add(table, batch, from, to);
  }

  #late(batch: Batch, from: number, to: number): void {
    this.#lateRecords += to - from;
    if (!this.#config.late) return;
    const late = new BatchBuilder(batch.schema, to - from);
    late.appendRange(batch, from, to);
    this.#context.side("late").emit(late.finish());
  }

  *#fire(watermarkMs: number): Steps {
    const { sizeMs } = this.#windows;
    let firedMs = this.#seen.watermarkMs;
    for (;;) {
      const startMs = nextWindow(this.#windows, this.#slices.starts(), firedMs);
      if (startMs === undefined || startMs + sizeMs > watermarkMs) break;
      firedMs = startMs + sizeMs;
      const rows = this.#seen.isUneven ? this.#unevenWindow(startMs) : this.#merger.window(startMs);
      if (rows) yield* this.#results.add(rows.blocks(), startMs, firedMs);
      this.#seen.rise(firedMs);
      this.#dropExpired(firedMs);
    }
    this.#results.emit();
    this.#seen.rise(watermarkMs);
    this.#dropExpired(watermarkMs);
    this.#findNextEnd();
  }

  #dropExpired(watermarkMs: number): void {
    for (const slice of this.#slices.starts()) {
      if (expiryOf(this.#windows, slice, this.#latenessMs) <= watermarkMs) this.#slices.drop(slice);
      else {
        this.#merger.dropBelow(slice);
        return;
      }
    }
    this.#merger = this.#newMerger();
  }

  /** A window whose result some key groups gave before the restore, and others did not. */
  #unevenWindow(startMs: number): KeyedTable {
    const endMs = startMs + this.#windows.sizeMs;
    const into = this.#aggregates.makeTable();
    const isNew = ({ keyGroups }: Rows, row: number) => this.#seen.of(keyGroups[row]!) < endMs;
    for (const slice of this.#slices.starts()) {
      if (slice < startMs || slice >= endMs) continue;
      this.#aggregates.merge(into, this.#slices.find(slice)!, isNew);
    }
    return into;
  }

  /** The windows that a late record falls into and that have fired already, for its key alone. */
  #fireAgain(slice: number, batch: Batch, row: number, watermarkMs: number): void {
    const { sizeMs } = this.#windows;
    for (const startMs of windowsOf(this.#windows, slice)) {
      const endMs = startMs + sizeMs;
      if (endMs > watermarkMs || endMs + this.#latenessMs <= watermarkMs) continue;
      const into = this.#aggregates.makeTable();
      for (const part of this.#slices.starts()) {
        if (part < startMs || part >= endMs) continue;
        const table = this.#slices.find(part)!;
        const found = findCell(table, batch.columns[this.#keyColumn]!, row);
        if (found >= 0) this.#aggregates.mergeRow(into, table, found);
      }
      this.#results.write(into, 0, into.rowCount, startMs, endMs);
    }
  }

  #findNextEnd(): void {
    const start = nextWindow(this.#windows, this.#slices.starts(), this.#seen.watermarkMs);
    this.#nextEndMs = start === undefined ? Number.POSITIVE_INFINITY : start + this.#windows.sizeMs;
  }

  #newMerger(): SliceMerger {
    return new SliceMerger(
      this.#windows,
      (slice) => this.#slices.find(slice),
      () => this.#aggregates.makeTable(),
      (into, from) => this.#aggregates.merge(into, from),
    );
  }
}
