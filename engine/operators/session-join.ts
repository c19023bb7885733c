/**
 * Joins records of two inputs that have the same key and fall into the same session: sessions are made of the records
 * of both sides, and when one is over, each of its left records is paired with each of its right ones.
 */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import { rowForCell, rowForKeyOf } from "../state/keyed-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Slices } from "../state/slices.ts";
import { checkWhole } from "../time/window-spec.ts";
import { windowText } from "../time/window-text.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";
import { openSession } from "./session-panes.ts";
import { withoutTime } from "./slice-runs.ts";
import { Work } from "./spin.ts";
import { joinKeyType, type WindowJoinConfig } from "./window-join-config.ts";
import { WindowJoinPairs } from "./window-join-pairs.ts";
import { Pane, paneColumns, WindowPanes } from "./window-panes.ts";

type Side = {
  readonly name: "left" | "right";
  readonly keyColumn: number;
  readonly slots: Slices<MultiTable>;
};

export class SessionJoin implements Operator {
  readonly #config: WindowJoinConfig;
  readonly #gapMs: number;
  readonly #work: Work | undefined;
  readonly #keyType: KeyType;
  readonly #pane = new Pane(0);
  #context!: OperatorContext;
  #seen!: SeenWatermark;
  #panes!: WindowPanes;
  #pairs!: WindowJoinPairs;
  #sides!: readonly [Side, Side];
  /** No session ends before. */
  #nextEndMs = Number.POSITIVE_INFINITY;
  #lateRecords = 0;
  #keyGroups = new Uint16Array(0);

  constructor(config: WindowJoinConfig, gapMs: number) {
    checkWhole("the gap of sessions", gapMs, 1);
    this.#config = config;
    this.#gapMs = gapMs;
    this.#work = config.recordWork && new Work(config.recordWork);
    this.#keyType = joinKeyType(config);
  }

  open(context: OperatorContext): void {
    const { left, right, leftKey, rightKey, window } = this.#config;
    const { state } = context;
    const meaning = windowText(window);
    this.#context = context;
    this.#seen = new SeenWatermark(context);
    this.#panes = new WindowPanes(context, this.#keyType, { float64: paneColumns(0) }, meaning);
    this.#pairs = new WindowJoinPairs(this.#config, context);
    this.#sides = [
      {
        name: "left",
        keyColumn: columnIndex(left, leftKey),
        slots: state.multiSlices("left", this.#keyType, left, meaning),
      },
      {
        name: "right",
        keyColumn: columnIndex(right, rightKey),
        slots: state.multiSlices("right", this.#keyType, right, meaning),
      },
    ];
    this.#nextEndMs = this.#panes.least("end");
  }

  onBatch(batch: Batch, input: number): void {
    this.#work?.onRows(batch.rowCount, this.#context);
    const side = this.#sides[input]!;
    const keys = batch.columns[side.keyColumn]!;
    const { times, rowCount } = batch;
    if (this.#seen.isUneven) {
      if (this.#keyGroups.length < rowCount) this.#keyGroups = new Uint16Array(rowCount);
      keyGroupsOfColumn(this.#keyType, keys, rowCount, this.#context.maxParallelism, this.#keyGroups);
    }
    for (let row = 0; row < rowCount; row++) {
      const timeMs = times?.[row] ?? Number.NaN;
      if (Number.isNaN(timeMs)) throw withoutTime();
      const { isUneven, watermarkMs } = this.#seen;
      const seenMs = isUneven ? this.#seen.of(this.#keyGroups[row]!) : watermarkMs;
      const endMs = timeMs + this.#gapMs;
      if (openSession(this.#panes, this.#pane, this, plain, keys, row, timeMs, endMs, seenMs) === "late") {
        this.#late(side, batch, row);
        continue;
      }
      const table = side.slots.at(this.#pane.slot);
      table.appendRow(rowForCell(table.keys, keys, row), batch, row);
      this.#pane.count++;
      this.#nextEndMs = Math.min(this.#nextEndMs, this.#pane.windowEndMs);
    }
  }

  onWatermark(watermarkMs: number): Steps | undefined {
    if (watermarkMs <= this.#seen.watermarkMs) return undefined;
    this.#seen.rise(watermarkMs);
    return watermarkMs < this.#nextEndMs ? undefined : this.#pass(watermarkMs);
  }

  onBarrier(): void {
    this.#seen.save();
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { lateRecords: this.#lateRecords };
  }

  /** For sessions that become one. */
  merge(into: Pane, from: Pane): void {
    for (const { slots } of this.#sides) {
      const source = slots.find(from.slot);
      if (source === undefined) continue;
      const sourceRow = rowForKeyOf(source.keys, from.table, from.row);
      const target = slots.at(into.slot);
      const targetRow = rowForKeyOf(target.keys, into.table, into.row);
      for (let row = source.firstRow(sourceRow); row >= 0; row = source.next[row]!) {
        target.appendRow(targetRow, source.rows, row);
      }
      leave(slots, from);
    }
  }

  #late({ name }: Side, batch: Batch, row: number): void {
    this.#lateRecords++;
    if (!this.#config.late) return;
    const late = new BatchBuilder(batch.schema, 1);
    late.appendRange(batch, row, row + 1);
    this.#context.side(`late-${name}`).emit(late.finish());
  }

  *#pass(watermarkMs: number): Steps {
    const [left, right] = this.#sides;
    const due: { slot: number; row: number; endMs: number }[] = [];
    this.#panes.upTo(this.#pane, "end", watermarkMs, ({ slot, row, windowEndMs: endMs }) => {
      due.push({ slot, row, endMs });
    });
    // By time, so that a key's sessions come one after the other.
    due.sort((one, other) => one.endMs - other.endMs || one.slot - other.slot || one.row - other.row);
    for (const { slot, row, endMs } of due) {
      const [lefts, rights] = [left.slots.find(slot), right.slots.find(slot)];
      if (lefts === undefined || rights === undefined) continue;
      const pane = this.#pane.bind(slot, this.#panes.slots.find(slot)!, row);
      const leftRow = rowForKeyOf(lefts.keys, pane.table, row);
      const rightRow = rowForKeyOf(rights.keys, pane.table, row);
      const window = { startMs: pane.windowStartMs, endMs };
      if (lefts.countOf(leftRow) > 0 && rights.countOf(rightRow) > 0) {
        yield* this.#pairs.joinKey(lefts, leftRow, rights, rightRow, window);
      }
    }
    this.#pairs.emit();
    this.#panes.upTo(this.#pane, "end", watermarkMs, (pane) => {
      leave(left.slots, pane);
      leave(right.slots, pane);
      pane.table.deleteRow(pane.row);
    });
    this.#nextEndMs = this.#panes.least("end");
  }
}

/** A session's bounds are all that there is to merge besides its records. */
const plain = { cells: 0 };

function leave(slots: Slices<MultiTable>, pane: Pane): void {
  const table = slots.find(pane.slot);
  if (table === undefined) return;
  table.dropKey(rowForKeyOf(table.keys, pane.table, pane.row));
  if (table.rowCount === 0) slots.drop(pane.slot);
}
