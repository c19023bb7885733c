/**
 * The rows of a keyed table under the batch that an operator works on: found for the whole batch at once where a
 * function touches the state of most rows, and one by one where it seldom does. Rows that nothing was set in, that
 * were cleared or whose time is over go when the batch is through, as deleting moves other rows.
 */
import { type KeyedTable, rowForCell, rowsForColumn } from "../../state/keyed-table.ts";
import type { KeyedHandle, KeyPosition } from "./keyed-handle.ts";
import type { Ttl } from "./state-specs.ts";
import { isSetBit } from "./value-layout.ts";

/** After so many batches it is measured again how many rows the function touches. */
const batchesAtOnce = 64;
/** Rows looked at for expiry after a batch, beside those that were touched: four for each row of it, at most these. */
const sweptMost = 64;

export class ValueRows implements KeyedHandle {
  readonly table: KeyedTable;
  readonly at: KeyPosition;
  /** By row of the batch: the table's row, or -1 where it was not looked up yet. */
  rows = new Int32Array(1);
  /** When what is touched now will be over. */
  untilMs = 0;
  /** Called when the table's columns may be others. */
  onColumns: () => void = () => {};
  readonly #ttlMs: number;
  /** Rows that are there without being set. */
  #unset = 0;
  /** Rows from this one on were made, or came from disk, under this batch. */
  #firstNew = 0;
  #cleared: number[] = [];
  #count = 0;
  #lookedUp = 0;
  #atOnce = 0;

  constructor(table: KeyedTable, at: KeyPosition, ttl: Ttl | undefined) {
    this.table = table;
    this.at = at;
    this.#ttlMs = ttl?.ttlMs ?? Number.POSITIVE_INFINITY;
  }

  begin(count: number): void {
    if (this.rows.length < count) this.rows = new Int32Array(count * 2);
    this.#count = count;
    this.#lookedUp = 0;
    this.#firstNew = this.table.rowCount;
    this.untilMs = this.at.nowMs + this.#ttlMs;
    if (this.#atOnce > 0) {
      rowsForColumn(this.table, this.at.column, 0, count, this.rows);
      this.#unset = this.table.rowCount - this.table.firstNew;
      if (this.#ttlMs !== Number.POSITIVE_INFINITY) this.#expireAll(count);
    } else {
      this.rows.fill(-1, 0, count);
      this.#unset = 0;
    }
    this.onColumns();
  }

  /** The table's row for the batch's row at hand, made if there is none. */
  lookUp(): number {
    const row = rowForCell(this.table, this.at.column, this.at.row);
    this.#unset += this.table.rowCount - this.table.firstNew;
    this.rows[this.at.row] = row;
    this.#lookedUp++;
    if (this.#ttlMs !== Number.POSITIVE_INFINITY) this.#expire(row);
    this.onColumns();
    return row;
  }

  /** A row that was not set is. */
  nowSet(): void {
    this.#unset--;
  }

  clear(row: number): void {
    const { int32, float64, bytes } = this.table;
    if ((int32[0]![row]! & isSetBit) === 0) return;
    for (const column of int32) column[row] = 0;
    for (const column of float64) column[row] = 0;
    for (const column of bytes) column.clearRow(row);
    this.#unset++;
    if (row < this.#firstNew) this.#cleared.push(row);
  }

  end(): void {
    if (this.#unset > 0) this.#removeUnset();
    if (this.#cleared.length > 0) this.#cleared = [];
    if (this.#ttlMs !== Number.POSITIVE_INFINITY) this.#sweep();
    if (this.#atOnce > 0) this.#atOnce--;
    else if (this.#lookedUp * 2 > this.#count) this.#atOnce = batchesAtOnce;
  }

  #removeUnset(): void {
    const { table } = this;
    // From the last on: what is deleted is replaced by a row that was looked at already.
    for (let row = table.rowCount - 1; row >= this.#firstNew; row--) this.#removeIfUnset(row);
    for (const row of this.#cleared.sort((one, other) => other - one)) this.#removeIfUnset(row);
    this.#unset = 0;
  }

  #removeIfUnset(row: number): void {
    const { table } = this;
    if (row < table.rowCount && (table.int32[0]![row]! & isSetBit) === 0) table.deleteRow(row);
  }

  #expireAll(count: number): void {
    for (let at = 0; at < count; at++) this.#expire(this.rows[at]!);
  }

  #expire(row: number): void {
    if (this.table.float64[0]![row]! <= this.at.nowMs) this.clear(row);
  }

  #sweep(): void {
    const { nowMs } = this.at;
    this.table.removeSome(
      Math.min(4 * this.#count, sweptMost),
      ({ float64 }, row) => float64[0]![row]! <= nowMs,
    );
  }
}
