/** Rows gathered into columns that grow: what operators and channels write their output with. */
import { Batch, type BytesColumn, batchRows, type Column } from "./batch.ts";
import {
  copyBytes,
  copyRange,
  copyRows,
  emptyColumn,
  gatherFloat64,
  grown,
  grownColumn,
  makeRoom,
  roomOf,
} from "./column-copy.ts";
import type { Schema } from "./schema.ts";

/** Event times are in `times`, rather than in a column of the schema. */
const ownTimes = -1;

export class BatchBuilder {
  readonly schema: Schema;
  rowCount = 0;
  readonly columns: Column[];
  /** By column; made when the first null comes. */
  readonly valid: (Uint8Array | undefined)[];
  dueMs = Number.NaN;
  /** NaN for rows without event time; `finish` leaves it out when no row had one. */
  #times: Float64Array;
  #hasTimes = false;
  /** The column that is the event time of all rows so far, as it is in the batches they came from; else `ownTimes`. */
  #timesColumn = ownTimes;
  #capacity: number;

  constructor(schema: Schema, capacity = batchRows) {
    this.schema = schema;
    this.#capacity = capacity;
    this.columns = schema.columns.map((spec) => emptyColumn(spec, capacity));
    this.valid = schema.columns.map(() => undefined);
    this.#times = new Float64Array(capacity);
  }

  /** Event times so far, NaN for rows that have none. */
  get times(): Float64Array {
    if (this.#timesColumn !== ownTimes) this.#ownTimes();
    return this.#times;
  }

  /** Room for so many rows more. Columns are replaced as they grow: take them after this call. */
  reserve(rows: number): void {
    const needed = this.rowCount + rows;
    if (needed > this.#capacity) this.#grow(Math.max(needed, this.#capacity * 2));
  }

  /** Copies rows [from, to) of a batch of the same columns. */
  appendRange(batch: Batch, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    const row = this.rowCount;
    for (let index = 0; index < this.columns.length; index++) {
      copyRange(this.columns[index]!, row, batch.columns[index]!, from, to);
      const valid = this.#validFor(index, batch);
      if (valid) copyValid(valid, row, batch.valid[index], count, from, undefined);
    }
    if (this.#takesTimes(batch, count)) this.#times.set(batch.times!.subarray(from, to), row);
    this.#appended(count, batch.dueMs);
  }

  /** Copies rows[from] up to rows[to - 1] of a batch of the same columns, in that order. */
  appendRows(batch: Batch, rows: Uint32Array, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    const row = this.rowCount;
    for (let index = 0; index < this.columns.length; index++) {
      copyRows(this.columns[index]!, row, batch.columns[index]!, rows, from, to);
      const valid = this.#validFor(index, batch);
      if (valid) copyValid(valid, row, batch.valid[index], count, from, rows);
    }
    if (this.#takesTimes(batch, count)) gatherFloat64(batch.times!, this.#times, row, rows, from, to);
    this.#appended(count, batch.dueMs);
  }

  /** Ends a row whose columns were written in place (after `reserve`), with its event time. */
  endRow(timeMs: number): void {
    if (this.#timesColumn !== ownTimes) this.#ownTimes();
    this.#times[this.rowCount++] = timeMs;
    if (!Number.isNaN(timeMs)) this.#hasTimes = true;
  }

  /** The same for the next `count` rows, all of one event time. */
  endRows(count: number, timeMs: number): void {
    if (this.#timesColumn !== ownTimes) this.#ownTimes();
    this.#times.fill(timeMs, this.rowCount, this.rowCount + count);
    this.rowCount += count;
    if (!Number.isNaN(timeMs) && count > 0) this.#hasTimes = true;
  }

  /** Puts bytes into the row that is being written. */
  putBytes(index: number, source: Uint8Array, start: number, end: number): void {
    const column = this.columns[index] as BytesColumn;
    const at = column.offsets[this.rowCount]!;
    makeRoom(column, at, end - start);
    copyBytes(source, start, end, column.bytes, at);
    column.offsets[this.rowCount + 1] = at + end - start;
  }

  /** Room for so many bytes in the row that is being written; returns where they go. End it with `endBytes`. */
  roomForBytes(index: number, length: number): number {
    const column = this.columns[index] as BytesColumn;
    const at = column.offsets[this.rowCount]!;
    makeRoom(column, at, length);
    return at;
  }

  endBytes(index: number, end: number): void {
    (this.columns[index] as BytesColumn).offsets[this.rowCount + 1] = end;
  }

  /** Makes the value of the row that is being written null (its slot is the writer's to empty), or there. */
  setValid(index: number, isThere: boolean): void {
    const valid = this.valid[index] ?? (isThere ? undefined : this.#firstNull(index));
    if (valid) valid[this.rowCount] = isThere ? 1 : 0;
  }

  /** What was gathered, lent until the builder is written again; the builder is empty afterwards. */
  finish(): Batch {
    const times =
      this.#timesColumn === ownTimes
        ? this.#hasTimes
          ? this.#times
          : undefined
        : (this.columns[this.#timesColumn] as Float64Array);
    const batch = new Batch(
      this.schema,
      this.rowCount,
      this.columns.slice(),
      times,
      this.valid.slice(),
      this.dueMs,
    );
    this.rowCount = 0;
    this.valid.fill(undefined);
    this.#hasTimes = false;
    this.#timesColumn = ownTimes;
    this.dueMs = Number.NaN;
    return batch;
  }

  /** What was gathered, to keep: the builder goes on with other columns, those of `spare` if they are as large. */
  detach(spare?: Batch): Batch {
    const batch = this.finish();
    const givesTimes = batch.times === this.#times;
    const isFit = spare !== undefined && this.#fits(spare);
    for (const [index, spec] of this.schema.columns.entries()) {
      const before = batch.columns[index]!;
      const byteCapacity = "offsets" in before ? before.bytes.length : 0;
      this.columns[index] = isFit ? spare.columns[index]! : emptyColumn(spec, this.#capacity, byteCapacity);
    }
    if (!givesTimes) return batch;
    const spareTimes = isFit ? spare.times : undefined;
    const isFree = spareTimes?.length === this.#capacity && !this.columns.includes(spareTimes);
    this.#times = isFree ? spareTimes : new Float64Array(this.#capacity);
    return batch;
  }

  #fits({ schema, columns }: Batch): boolean {
    if (schema !== this.schema) return false;
    return columns.every((column) => roomOf(column) === this.#capacity);
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    for (const [index, column] of this.columns.entries()) {
      this.columns[index] = grownColumn(column, capacity);
      const valid = this.valid[index];
      if (valid) this.valid[index] = grown(valid, new Uint8Array(capacity));
    }
    this.#times = grown(this.#times, new Float64Array(capacity));
  }

  /** Where the validity of a batch's column goes; undefined while there is no null on either side. */
  #validFor(index: number, batch: Batch): Uint8Array | undefined {
    return this.valid[index] ?? (batch.valid[index] === undefined ? undefined : this.#firstNull(index));
  }

  #firstNull(index: number): Uint8Array {
    const valid = new Uint8Array(this.#capacity).fill(1, 0, this.rowCount);
    this.valid[index] = valid;
    return valid;
  }

  /** Whether the event times of the `count` rows being appended must be copied: they may be in a column already. */
  #takesTimes({ columns, times }: Batch, count: number): boolean {
    const column = times === undefined ? ownTimes : columns.indexOf(times);
    if (column !== ownTimes) {
      if (this.rowCount === 0) this.#timesColumn = column;
      if (this.#timesColumn === column) return false;
    }
    if (this.#timesColumn !== ownTimes) this.#ownTimes();
    if (times !== undefined) {
      this.#hasTimes = true;
      return true;
    }
    this.#times.fill(Number.NaN, this.rowCount, this.rowCount + count);
    return false;
  }

  #ownTimes(): void {
    const column = this.columns[this.#timesColumn] as Float64Array;
    this.#times.set(column.subarray(0, this.rowCount));
    this.#timesColumn = ownTimes;
    this.#hasTimes = true;
  }

  #appended(rows: number, dueMs: number): void {
    this.rowCount += rows;
    if (!(dueMs >= this.dueMs)) this.dueMs = Number.isNaN(dueMs) ? this.dueMs : dueMs;
  }
}

function copyValid(
  to: Uint8Array,
  row: number,
  from: Uint8Array | undefined,
  count: number,
  start: number,
  rows: Uint32Array | undefined,
): void {
  if (from === undefined) to.fill(1, row, row + count);
  else if (rows === undefined) to.set(from.subarray(start, start + count), row);
  else for (let at = 0; at < count; at++) to[row + at] = from[rows[start + at]!]!;
}
