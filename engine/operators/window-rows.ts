/** Windows that hold all their records. */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { columnIndex } from "../records/schema.ts";
import { rowForCell, rowForKeyOf } from "../state/keyed-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Slices } from "../state/slices.ts";
import { windowText } from "../time/window-text.ts";
import type { OperatorContext } from "./operator.ts";
import { slideOf, type WindowOperatorConfig, type WindowRows } from "./window-operator-config.ts";
import type { Pane, PaneContents } from "./window-panes.ts";

/** What is made of the records of a window when it fires. */
export interface RowResults {
  fire(rows: PaneRows, pane: Pane, timeMs: number): void;
  flush(): void;
  hasEmitted(): boolean;
}

export class RowContents implements PaneContents {
  readonly #slots: Slices<MultiTable>;
  readonly #keyColumn: number;
  /** Only the newest count: those of a count that slides. */
  readonly #newest: number;
  readonly #results: RowResults;
  readonly #rows: PaneRows;

  constructor(config: WindowOperatorConfig, keyType: KeyType, context: OperatorContext, results: RowResults) {
    const { input, key, window } = config;
    this.#slots = context.state.multiSlices("rows", keyType, input, windowText(window));
    this.#keyColumn = columnIndex(input, key);
    this.#newest = window.is === "count" && slideOf(config) ? window.size : Number.POSITIVE_INFINITY;
    this.#results = results;
    this.#rows = new PaneRows(cursorOf(input));
  }

  add({ slot }: Pane, batch: Batch, row: number): void {
    const table = this.#slots.at(slot);
    table.appendRow(rowForCell(table.keys, batch.columns[this.#keyColumn]!, row), batch, row);
  }

  merge(into: Pane, from: Pane): void {
    const source = this.#slots.at(from.slot);
    const target = this.#slots.at(into.slot);
    this.#rows.bind(source, rowForKeyOf(source.keys, from.table, from.row));
    const rows = this.#rows.copy(0);
    const keyRow = rowForKeyOf(target.keys, into.table, into.row);
    for (let row = 0; row < rows.rowCount; row++) target.appendRow(keyRow, rows, row);
    this.purge(from);
  }

  fire(pane: Pane, timeMs: number): void {
    const table = this.#slots.at(pane.slot);
    const keyRow = rowForKeyOf(table.keys, pane.table, pane.row);
    this.#rows.bind(table, keyRow);
    const tooMany = this.#rows.count - this.#newest;
    if (tooMany > 0) {
      const rows = this.#rows.copy(tooMany);
      table.dropKey(keyRow);
      const again = rowForKeyOf(table.keys, pane.table, pane.row);
      for (let row = 0; row < rows.rowCount; row++) table.appendRow(again, rows, row);
      this.#rows.bind(table, again);
    }
    this.#results.fire(this.#rows, pane, timeMs);
  }

  purge(pane: Pane): void {
    const table = this.#slots.at(pane.slot);
    table.dropKey(rowForKeyOf(table.keys, pane.table, pane.row));
    if (table.rowCount === 0) this.#slots.drop(pane.slot);
  }

  flush(): void {
    this.#results.flush();
  }

  hasEmitted(): boolean {
    return this.#results.hasEmitted();
  }
}

/** The records of one key and window, in the order of their arrival. */
export class PaneRows implements WindowRows {
  readonly #cursor: Cursor;
  #table!: MultiTable;
  #keyRow = -1;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  bind(table: MultiTable, keyRow: number): void {
    this.#table = table;
    this.#keyRow = keyRow;
    this.#cursor.$bind(table.rows);
  }

  get count(): number {
    return this.#table.countOf(this.#keyRow);
  }

  *[Symbol.iterator](): Iterator<Cursor> {
    for (let row = this.#table.firstRow(this.#keyRow); row >= 0; row = this.#table.next[row]!) {
      this.#cursor.$row = row;
      yield this.#cursor;
    }
  }

  /** A batch of its own, without the oldest. */
  copy(withoutOldest: number): Batch {
    const rows = new Uint32Array(this.count);
    let count = 0;
    for (let row = this.#table.firstRow(this.#keyRow); row >= 0; row = this.#table.next[row]!)
      rows[count++] = row;
    const builder = new BatchBuilder(this.#table.schema, rows.length);
    builder.appendRows(this.#table.rows, rows, withoutOldest, rows.length);
    return builder.finish();
  }
}
