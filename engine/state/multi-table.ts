/**
 * Any number of rows of a schema for each key: buffers of joins, state that is a list. Rows lie in columns in order of
 * arrival, and those of a key are linked to a chain. Rows that are there are never changed, so a freeze of them costs
 * nothing: what comes later lies behind them, and what removes rows makes new columns.
 */
import { EngineError } from "../engine-error.ts";
import { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import type { Schema } from "../records/schema.ts";
import { resized } from "./byte-arena.ts";
import { type KeyedTable, makeTable } from "./keyed-table.ts";
import type { KeyType } from "./operator-state.ts";
import type { FrozenRows } from "./row-columns.ts";

const leastRows = 16;
/** Dropped rows are squeezed out when they are more than the live ones and these. */
const leastDropped = 1024;
/** Offsets of bytes are kept in 31 bits. */
const mostBytes = 2 ** 31 - 1;

/** Rows of each key for reading: `firstRow` and `next` as they were at a freeze. */
export type FrozenMulti = {
  /** int32[0] is the first row + 1 of a key, int32[2] how many it has; links beyond that number are later ones. */
  readonly keys: FrozenRows;
  readonly rows: Batch;
  readonly next: Int32Array;
  release(): void;
};

export class MultiTable {
  /** A row for each key that has rows. Its columns belong to this table: first row + 1, last row, how many rows. */
  readonly keys: KeyedTable;
  readonly schema: Schema;
  #builder: BatchBuilder;
  #rows: Batch | undefined;
  /** next[row] is the following row of the same key; -1 after the last. Replaced as it grows. */
  next: Int32Array = new Int32Array(leastRows);
  #dropped = 0;
  /** Freezes that are still read; they refer to the very columns that rows are added to. */
  #frozen = 0;

  constructor(key: KeyType, rows: Schema, maxParallelism: number) {
    this.keys = makeTable(key, { int32: 3 }, maxParallelism);
    this.schema = rows;
    this.#builder = new BatchBuilder(rows, leastRows);
  }

  /** Live rows. */
  get rowCount(): number {
    return this.#builder.rowCount - this.#dropped;
  }

  get keyCount(): number {
    return this.keys.keyCount;
  }

  /** All rows as one batch, to read by row numbers of chains; rows that were dropped are in it too. Take it anew after a change. */
  get rows(): Batch {
    const { rowCount, columns, times, valid } = this.#builder;
    this.#rows ??= new Batch(this.schema, rowCount, columns.slice(), times, valid.slice());
    return this.#rows;
  }

  /** Copies row r of a batch to the end of the chain of the key in row keyRows[r] of `keys`, for `from` <= r < `to`. */
  append(keyRows: Int32Array, batch: Batch, from: number, to: number): void {
    this.#checkBytes(batch, from, to);
    const base = this.#builder.rowCount - from;
    this.#builder.appendRange(batch, from, to);
    this.#makeLinks();
    this.keys.beginWriting();
    const [heads, tails, counts] = this.keys.int32 as [Int32Array, Int32Array, Int32Array];
    const next = this.next;
    for (let at = from; at < to; at++) {
      const keyRow = keyRows[at]!;
      const row = base + at;
      if (counts[keyRow] === 0) heads[keyRow] = row + 1;
      else next[tails[keyRow]!] = row;
      next[row] = -1;
      tails[keyRow] = row;
      counts[keyRow]! += 1;
    }
  }

  /** The same for one row. */
  appendRow(keyRow: number, batch: Batch, row: number): void {
    this.#checkBytes(batch, row, row + 1);
    const added = this.#builder.rowCount;
    this.#builder.appendRange(batch, row, row + 1);
    this.#makeLinks();
    this.keys.beginWriting();
    const [heads, tails, counts] = this.keys.int32 as [Int32Array, Int32Array, Int32Array];
    if (counts[keyRow] === 0) heads[keyRow] = added + 1;
    else this.next[tails[keyRow]!] = added;
    this.next[added] = -1;
    tails[keyRow] = added;
    counts[keyRow]! += 1;
  }

  /** The oldest row of a key, or -1. */
  firstRow(keyRow: number): number {
    return this.keys.int32[0]![keyRow]! - 1;
  }

  countOf(keyRow: number): number {
    return this.keys.int32[2]![keyRow]!;
  }

  /** The key and its rows leave; as with `deleteRow`, the last key takes the place of `keyRow`. Row numbers change. */
  dropKey(keyRow: number): void {
    this.#dropped += this.countOf(keyRow);
    this.keys.deleteRow(keyRow);
    if (this.#dropped > leastDropped && this.#dropped > this.rowCount) this.#rebuild(() => true);
  }

  /** Removes rows; keys that have none left leave too. Copies all that stay, so it is for when much leaves. */
  removeWhere(leaves: (rows: Batch, row: number) => boolean): void {
    const rows = this.rows;
    this.#rebuild((row) => !leaves(rows, row));
  }

  clear(): void {
    this.keys.clear();
    this.#takeRows(new BatchBuilder(this.schema, leastRows), new Int32Array(leastRows));
  }

  /** All keys and rows for reading: this table, then in pieces what lies on disk. */
  blocks(): Iterable<MultiTable> {
    return [this];
  }

  freeze(): FrozenMulti {
    const keys = this.keys.freeze();
    this.#frozen++;
    const release = (): void => {
      keys.release();
      this.#frozen--;
    };
    return { keys, rows: this.rows, next: this.next, release };
  }

  /** As `recycle` of a keyed table. */
  recycle(): boolean {
    if (this.#frozen > 0 || !this.keys.recycle()) return false;
    this.#builder.finish();
    this.#takeRows(this.#builder, this.next);
    return true;
  }

  get memoryBytes(): number {
    let total = this.keys.memoryBytes + this.next.byteLength + this.#builder.times.byteLength;
    for (const column of this.#builder.columns) {
      total += "offsets" in column ? column.offsets.byteLength + column.bytes.byteLength : column.byteLength;
    }
    for (const valid of this.#builder.valid) total += valid?.byteLength ?? 0;
    return total;
  }

  /** Puts what stays into new columns, key by key, which also makes the rows of a key neighbours. */
  #rebuild(stays: (row: number) => boolean): void {
    const order = new Uint32Array(this.rowCount);
    const next = new Int32Array(Math.max(leastRows, order.length));
    let kept = 0;
    this.keys.beginWriting();
    const [heads, tails, counts] = this.keys.int32 as [Int32Array, Int32Array, Int32Array];
    for (let keyRow = 0; keyRow < this.keys.rowCount; keyRow++) {
      const before = kept;
      for (let row = heads[keyRow]! - 1; row >= 0; row = this.next[row]!) {
        if (!stays(row)) continue;
        next[kept] = kept + 1;
        order[kept++] = row;
      }
      heads[keyRow] = before + 1;
      tails[keyRow] = kept - 1;
      counts[keyRow] = kept - before;
      if (kept > before) next[kept - 1] = -1;
    }
    const builder = new BatchBuilder(this.schema, Math.max(leastRows, kept));
    builder.appendRows(this.rows, order, 0, kept);
    this.#takeRows(builder, next);
    for (let keyRow = this.keys.rowCount - 1; keyRow >= 0; keyRow--) {
      if (this.countOf(keyRow) === 0) this.keys.deleteRow(keyRow);
    }
  }

  #takeRows(builder: BatchBuilder, next: Int32Array): void {
    this.#builder = builder;
    this.#rows = undefined;
    this.next = next;
    this.#dropped = 0;
  }

  #makeLinks(): void {
    this.#rows = undefined;
    const rows = this.#builder.rowCount;
    if (rows > this.next.length) {
      this.next = resized(this.next, new Int32Array(Math.max(rows, this.next.length * 2)));
    }
  }

  #checkBytes(batch: Batch, from: number, to: number): void {
    for (const [at, column] of this.#builder.columns.entries()) {
      if (!("offsets" in column)) continue;
      const { offsets } = batch.columns[at] as typeof column;
      if (column.offsets[this.#builder.rowCount]! + offsets[to]! - offsets[from]! <= mostBytes) continue;
      throw new EngineError(
        "state-too-large",
        `column ${this.schema.columns[at]!.name} of one state in one subtask exceeds ${mostBytes} bytes`,
        "raise the operator's parallelism",
      );
    }
  }
}
