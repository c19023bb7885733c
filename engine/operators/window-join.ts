/**
 * Joins records of two inputs that have the same key and fall into the same window, tumbling or sliding. Both sides are
 * kept by slice; when the watermark reaches a window's end, its slices are joined with each other.
 */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import { rowsForColumn } from "../state/keyed-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Slices } from "../state/slices.ts";
import { expiryOf, isGap, nextWindow, type TimeWindows } from "../time/window.ts";
import { type TimeWindowSpec, timeWindowsOf } from "../time/window-spec.ts";
import { windowText } from "../time/window-text.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";
import { SessionJoin } from "./session-join.ts";
import { SliceRuns } from "./slice-runs.ts";
import { Work } from "./spin.ts";
import { joinKeyType, type WindowJoinConfig } from "./window-join-config.ts";
import { WindowJoinPairs } from "./window-join-pairs.ts";

export function windowJoin(config: WindowJoinConfig): Operator {
  const { window } = config;
  return window.is === "session" ? new SessionJoin(config, window.gapMs) : new WindowJoin(config, window);
}

type Side = {
  readonly name: "left" | "right";
  readonly keyColumn: number;
  readonly runs: SliceRuns;
  readonly take: (slice: number, batch: Batch, from: number, to: number) => void;
  slices: Slices<MultiTable>;
};

class WindowJoin implements Operator {
  readonly #config: WindowJoinConfig;
  readonly #windows: TimeWindows;
  readonly #keyType: KeyType;
  readonly #work: Work | undefined;
  #context!: OperatorContext;
  #seen!: SeenWatermark;
  #pairs!: WindowJoinPairs;
  #sides!: readonly [Side, Side];
  #nextEndMs = Number.POSITIVE_INFINITY;
  #lateRecords = 0;
  #rows = new Int32Array(0);
  #keyGroups = new Uint16Array(0);

  constructor(config: WindowJoinConfig, window: TimeWindowSpec) {
    this.#config = config;
    this.#windows = timeWindowsOf(window);
    this.#work = config.recordWork && new Work(config.recordWork);
    this.#keyType = joinKeyType(config);
  }

  open(context: OperatorContext): void {
    const { left, right, leftKey, rightKey, window } = this.#config;
    this.#context = context;
    const side = (name: "left" | "right"): Side => {
      const input = name === "left" ? left : right;
      const key = name === "left" ? leftKey : rightKey;
      const made: Side = {
        name,
        keyColumn: columnIndex(input, key),
        runs: new SliceRuns(this.#windows),
        take: (slice, batch, from, to) => this.#take(made, slice, batch, from, to),
        slices: context.state.multiSlices(name, this.#keyType, input, windowText(window)),
      };
      return made;
    };
    this.#sides = [side("left"), side("right")];
    this.#seen = new SeenWatermark(context);
    this.#pairs = new WindowJoinPairs(this.#config, context);
    this.#findNextEnd();
  }

  onBatch(batch: Batch, input: number): void {
    this.#work?.onRows(batch.rowCount, this.#context);
    const side = this.#sides[input]!;
    side.runs.each(batch, side.take);
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

  #take(side: Side, slice: number, batch: Batch, from: number, to: number): void {
    if (isGap(this.#windows, slice)) return;
    const expiryMs = expiryOf(this.#windows, slice, 0);
    if (this.#seen.isUneven) this.#takeByGroup(side, slice, batch, from, to, expiryMs);
    else if (expiryMs <= this.#seen.watermarkMs) this.#late(side, batch, from, to);
    else this.#append(side, slice, batch, from, to);
  }

  #append(side: Side, slice: number, batch: Batch, from: number, to: number): void {
    const table = side.slices.at(slice);
    if (table.rowCount === 0) {
      const start = nextWindow(this.#windows, [slice], this.#seen.watermarkMs);
      if (start !== undefined) this.#nextEndMs = Math.min(this.#nextEndMs, start + this.#windows.sizeMs);
    }
    if (this.#rows.length < to) this.#rows = new Int32Array(Math.max(to, this.#rows.length * 2));
    rowsForColumn(table.keys, batch.columns[side.keyColumn]!, from, to, this.#rows);
    table.append(this.#rows, batch, from, to);
  }

  /** After a restore some key groups had gone further than others: what is late is decided by each record's group. */
  #takeByGroup(side: Side, slice: number, batch: Batch, from: number, to: number, expiryMs: number): void {
    if (this.#keyGroups.length < batch.rowCount) this.#keyGroups = new Uint16Array(batch.rowCount);
    const column = batch.columns[side.keyColumn]!;
    keyGroupsOfColumn(this.#keyType, column, batch.rowCount, this.#context.maxParallelism, this.#keyGroups);
    for (let row = from; row < to; row++) {
      if (expiryMs <= this.#seen.of(this.#keyGroups[row]!)) this.#late(side, batch, row, row + 1);
      else this.#append(side, slice, batch, row, row + 1);
    }
  }

  #late(side: Side, batch: Batch, from: number, to: number): void {
    this.#lateRecords += to - from;
    if (!this.#config.late) return;
    const late = new BatchBuilder(batch.schema, to - from);
    late.appendRange(batch, from, to);
    this.#context.side(`late-${side.name}`).emit(late.finish());
  }

  *#fire(watermarkMs: number): Steps {
    const [left, right] = this.#sides;
    const { sizeMs } = this.#windows;
    let firedMs = this.#seen.watermarkMs;
    for (;;) {
      const startMs = nextWindow(this.#windows, this.#starts(), firedMs);
      if (startMs === undefined || startMs + sizeMs > watermarkMs) break;
      const endMs = startMs + sizeMs;
      firedMs = endMs;
      const isNew = (keyGroup: number) => this.#seen.of(keyGroup) < endMs;
      const takes = this.#seen.isUneven ? isNew : undefined;
      for (const one of left.slices.starts()) {
        if (one < startMs || one >= endMs) continue;
        for (const other of right.slices.starts()) {
          if (other < startMs || other >= endMs) continue;
          const window = { startMs, endMs };
          yield* this.#pairs.join(left.slices.find(one)!, right.slices.find(other)!, window, takes);
        }
      }
      this.#seen.rise(endMs);
      this.#dropExpired(endMs);
    }
    this.#pairs.emit();
    this.#seen.rise(watermarkMs);
    this.#dropExpired(watermarkMs);
    this.#findNextEnd();
  }

  #dropExpired(watermarkMs: number): void {
    for (const { slices } of this.#sides) {
      for (const slice of slices.starts()) {
        if (expiryOf(this.#windows, slice, 0) > watermarkMs) break;
        slices.drop(slice);
      }
    }
  }

  #starts(): readonly number[] {
    return [...this.#sides[0].slices.starts(), ...this.#sides[1].slices.starts()];
  }

  #findNextEnd(): void {
    const start = nextWindow(this.#windows, this.#starts(), this.#seen.watermarkMs);
    this.#nextEndMs = start === undefined ? Number.POSITIVE_INFINITY : start + this.#windows.sizeMs;
  }
}
