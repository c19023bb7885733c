/**
 * The windows that are open, one row of a table for each key and window: its bounds, its timers, what the trigger keeps
 * and how many records it holds, and behind those the accumulators where there are any. Tables stand in slots: a slot
 * is the start of a window of time; for sessions, of which a key may have several open, it is just a number.
 */
import type { Batch, Column } from "../records/batch.ts";
import { findCell, type KeyedTable, rowForCell } from "../state/keyed-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { RowShape } from "../state/row-columns.ts";
import type { Slices } from "../state/slices.ts";
import type { OperatorContext } from "./operator.ts";
import type { TriggerPane } from "./trigger.ts";

const at = { count: 0, start: 1, end: 2, eventTimer: 3, processingTimer: 4, cells: 5 } as const;
/** What may be waited for. */
export type PaneTime = "end" | "eventTimer" | "processingTimer";

export const paneColumns = (triggerCells: number): number => at.cells + triggerCells;

/** A flyweight over the pane in one row. */
export class Pane implements TriggerPane {
  watermarkMs = Number.NEGATIVE_INFINITY;
  nowMs = 0;
  slot = 0;
  row = -1;
  table!: KeyedTable;
  readonly #cells: number;

  constructor(cells: number) {
    this.#cells = cells;
  }

  bind(slot: number, table: KeyedTable, row: number): this {
    this.slot = slot;
    this.table = table;
    this.row = row;
    return this;
  }

  /** What a new row is to say. */
  open(startMs: number, endMs: number): void {
    this.#set(at.start, startMs);
    this.#set(at.end, endMs);
    this.#set(at.eventTimer, Number.POSITIVE_INFINITY);
    this.#set(at.processingTimer, Number.POSITIVE_INFINITY);
  }

  get count(): number {
    return this.#get(at.count);
  }
  set count(count: number) {
    this.#set(at.count, count);
  }
  get windowStartMs(): number {
    return this.#get(at.start);
  }
  set windowStartMs(startMs: number) {
    this.#set(at.start, startMs);
  }
  get windowEndMs(): number {
    return this.#get(at.end);
  }
  set windowEndMs(endMs: number) {
    this.#set(at.end, endMs);
  }
  get eventTimerMs(): number {
    return this.#get(at.eventTimer);
  }
  set eventTimerMs(timeMs: number) {
    this.#set(at.eventTimer, timeMs);
  }
  get processingTimerMs(): number {
    return this.#get(at.processingTimer);
  }
  set processingTimerMs(timeMs: number) {
    this.#set(at.processingTimer, timeMs);
  }

  get(cell: number): number {
    return this.#get(at.cells + this.#checked(cell));
  }

  set(cell: number, value: number): void {
    this.#set(at.cells + this.#checked(cell), value);
  }

  #checked(cell: number): number {
    if (cell >= 0 && cell < this.#cells) return cell;
    throw new RangeError(`the trigger has ${this.#cells} cells, and none of number ${cell}`);
  }

  #get(column: number): number {
    return this.table.float64[column]![this.row]!;
  }

  #set(column: number, value: number): void {
    this.table.beginWriting();
    this.table.float64[column]![this.row] = value;
  }
}

export class WindowPanes {
  readonly slots: Slices<KeyedTable>;

  constructor(context: OperatorContext, key: KeyType, shape: RowShape, meaning: string) {
    this.slots = context.state.slices("panes", key, shape, meaning);
  }

  /** Puts `pane` on the key's pane in a slot, made if there is none; returns whether it was made. */
  open(pane: Pane, slot: number, keys: Column, row: number, startMs: number, endMs: number): boolean {
    const table = this.slots.at(slot);
    pane.bind(slot, table, rowForCell(table, keys, row));
    // A start is never 0 together with an end of 0: windows are not empty. So this tells a new row, all zero.
    if (pane.windowEndMs !== 0 || pane.windowStartMs !== 0) return false;
    pane.open(startMs, endMs);
    return true;
  }

  /** Puts `pane` on it if it is there. */
  find(pane: Pane, slot: number, keys: Column, row: number): boolean {
    const table = this.slots.find(slot);
    const found = table ? findCell(table, keys, row) : -1;
    if (found < 0) return false;
    pane.bind(slot, table!, found);
    return true;
  }

  /** The number of the first slot in which the key has none. */
  freeSlot(keys: Column, row: number): number {
    for (let slot = 0; ; slot++) {
      const table = this.slots.find(slot);
      if (table === undefined || findCell(table, keys, row) < 0) return slot;
    }
  }

  /**
   * Calls `visit` with `pane` on each of which this time is not above `untilMs`, slot by slot, from the last row to the
   * first, so that it may delete that one.
   */
  upTo(pane: Pane, time: PaneTime, untilMs: number, visit: (pane: Pane) => void): void {
    for (const slot of this.slots.starts()) {
      const table = this.slots.find(slot)!;
      for (let row = table.rowCount - 1; row >= 0; row--) {
        if (table.float64[at[time]]![row]! <= untilMs) visit(pane.bind(slot, table, row));
      }
      if (table.rowCount === 0) this.slots.drop(slot);
    }
  }

  /** The least of this time over all panes. */
  least(time: PaneTime): number {
    let least = Number.POSITIVE_INFINITY;
    for (const slot of this.slots.starts()) {
      const { rowCount, float64 } = this.slots.find(slot)!;
      const times = float64[at[time]]!;
      for (let row = 0; row < rowCount; row++) if (times[row]! < least) least = times[row]!;
    }
    return least;
  }
}

/** What windows hold. */
export interface PaneContents {
  /** Row `row` of the batch comes into the pane; `isNew` where the pane was made for it. */
  add(pane: Pane, batch: Batch, row: number, isNew: boolean): void;
  /** What `from` holds goes into `into`, a session of the same key. */
  merge(into: Pane, from: Pane): void;
  /** The result, at an event time. */
  fire(pane: Pane, timeMs: number): void;
  /** Empties the pane. */
  purge(pane: Pane): void;
  /** Hands on what was written. */
  flush(): void;
  /** Whether a batch of results has gone out since it was last asked. */
  hasEmitted(): boolean;
}
