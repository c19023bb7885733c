/**
 * Rows of fixed width in typed columns without gaps: the part of a keyed table that holds the values. Its columns can
 * be frozen for a snapshot in no time: they are copied only if something is written before the snapshot is through.
 */
import { EngineError } from "../engine-error.ts";
import { ByteArena, type ByteRows, resized } from "./byte-arena.ts";

/** How many columns of each kind a row has. */
export type RowShape = { readonly float64?: number; readonly int32?: number; readonly bytes?: number };

/** Rows of a keyed table for reading: the table itself, what a freeze has kept of it, or a piece of what lies on disk. */
export interface Rows {
  readonly rowCount: number;
  /** By row. Integers of every key type are kept as Float64Array, so that one loop serves all. */
  readonly keys: Float64Array | ByteRows;
  readonly keyGroups: Uint16Array;
  readonly float64: readonly Float64Array[];
  readonly int32: readonly Int32Array[];
  readonly bytes: readonly ByteRows[];
}

export const leastRowCapacity = 8;
/** Columns of fewer rows are made faster than they are looked after. */
const leastRecycledCapacity = 1024;
/** Slots are twice the rows and count them in 31 bits. */
const mostRowCapacity = 2 ** 29;

/**
 * Rows are 0 to `rowCount` - 1. A new row is zero (its bytes empty) and is the last. When a row is deleted, the
 * last one takes its place: so a walk that deletes goes from the last row to the first.
 *
 * Columns are replaced when their number of rows changes and at the first write after a freeze, so take the row first
 * and then the column: `const row = table.rowFor(key); table.float64[0]![row] = 1`. Written in one expression, the
 * column is fetched before the row is made, and what is set may be lost with the old column. `find` may replace columns
 * too, where rows can be on disk. For the same reason no column is kept from one call into an operator to the next.
 */
export abstract class RowColumns {
  abstract readonly keys: Float64Array | ByteArena;
  readonly float64: Float64Array[];
  readonly int32: Int32Array[];
  readonly bytes: ByteArena[];
  /** Filled when a row is made. */
  keyGroups = new Uint16Array(leastRowCapacity);
  rowCount = 0;
  rowCapacity = leastRowCapacity;
  /**
   * Rows from this one on were made by the last `rowFor` or `rowsFor` for keys that were not there. (Not the same as
   * `rowCount` before that call where a part of the rows lies on disk: those are brought in as last rows, too.)
   */
  firstNew = 0;
  /** Counts the freezes that something was written after: equal numbers are equal contents. */
  version = 0;
  readonly #shape: RowShape;
  #lookedAt = 0;
  /** The last freeze, as long as nothing was written after it. */
  #frozen: FrozenRows | undefined;
  /** The same as a plain field, for hot loops. */
  protected sealed = false;

  constructor(shape: RowShape) {
    this.#shape = shape;
    this.float64 = Array.from({ length: shape.float64 ?? 0 }, () => new Float64Array(leastRowCapacity));
    this.int32 = Array.from({ length: shape.int32 ?? 0 }, () => new Int32Array(leastRowCapacity));
    this.bytes = Array.from({ length: shape.bytes ?? 0 }, () => new ByteArena(leastRowCapacity));
  }

  /**
   * To be said before rows are written that did not come from `rowFor` or `rowsFor` in the same call into the operator,
   * but from `find` or a walk; columns are taken afterwards. All that adds or deletes rows says it by itself.
   */
  beginWriting(): void {
    if (this.sealed) this.#unseal();
  }

  /** All keys, those that lie on disk included. */
  get keyCount(): number {
    return this.rowCount;
  }

  /** What the rows are now. It stays so whatever is written later, until it is released. */
  freeze(): FrozenRows {
    if (this.#frozen === undefined) {
      this.#frozen = new FrozenRows(this);
      this.sealed = true;
    } else this.#frozen.holders++;
    return this.#frozen;
  }

  /** All rows for reading: this table, then in pieces what lies on disk. */
  blocks(): Iterable<Rows> {
    return [this];
  }

  /** Deletes rows, those on disk too. */
  removeWhere(leaves: (rows: Rows, row: number) => boolean): void {
    for (let row = this.rowCount - 1; row >= 0; row--) if (leaves(this, row)) this.deleteRow(row);
  }

  /** Looks at so many rows, behind those that the last call looked at, and deletes what leaves: to go round all, a little at a time. */
  removeSome(most: number, leaves: (rows: Rows, row: number) => boolean): void {
    for (let looked = 0; looked < most && this.rowCount > 0; looked++) {
      if (--this.#lookedAt < 0 || this.#lookedAt >= this.rowCount) this.#lookedAt = this.rowCount - 1;
      if (leaves(this, this.#lookedAt)) this.deleteRow(this.#lookedAt);
    }
  }

  abstract deleteRow(row: number): void;
  abstract clear(): void;
  /**
   * Empties the table as `clear` does, but keeps the columns: for a new slice about as large as this one was. False, and
   * nothing has happened, where that is not worth it or a snapshot still reads them.
   */
  abstract recycle(): boolean;
  abstract readonly memoryBytes: number;

  #unseal(): void {
    const held = this.#frozen!.holders > 0;
    this.#parted();
    if (!held) return;
    for (const [at, values] of this.float64.entries()) this.float64[at] = values.slice();
    for (const [at, values] of this.int32.entries()) this.int32[at] = values.slice();
    for (const arena of this.bytes) arena.unshare();
    this.keyGroups = this.keyGroups.slice();
    this.unshareKeys();
  }

  protected abstract unshareKeys(): void;

  #parted(): void {
    if (this.sealed) this.version++;
    this.sealed = false;
    this.#frozen = undefined;
  }

  protected resizeRows(rowCapacity: number): void {
    if (rowCapacity > mostRowCapacity) {
      throw new EngineError(
        "state-too-large",
        `one state of one subtask holds at most ${mostRowCapacity} keys`,
        "raise the operator's parallelism",
      );
    }
    for (const [at, values] of this.float64.entries()) {
      this.float64[at] = resized(values, new Float64Array(rowCapacity));
    }
    for (const [at, values] of this.int32.entries()) {
      this.int32[at] = resized(values, new Int32Array(rowCapacity));
    }
    for (const arena of this.bytes) arena.resizeRows(rowCapacity);
    this.keyGroups = resized(this.keyGroups, new Uint16Array(rowCapacity));
    this.rowCapacity = rowCapacity;
  }

  /** The last row takes the place of `row`, and is zero afterwards, as an insert expects it. */
  protected removeRow(row: number): void {
    const last = --this.rowCount;
    for (let at = 0; at < this.float64.length; at++) {
      const values = this.float64[at]!;
      values[row] = values[last]!;
      values[last] = 0;
    }
    for (let at = 0; at < this.int32.length; at++) {
      const values = this.int32[at]!;
      values[row] = values[last]!;
      values[last] = 0;
    }
    for (let at = 0; at < this.bytes.length; at++) {
      if (row === last) this.bytes[at]!.clearRow(row);
      else this.bytes[at]!.moveRow(last, row);
    }
    this.keyGroups[row] = this.keyGroups[last]!;
  }

  protected clearRows(): void {
    this.#parted(); // All columns are new ones.
    this.rowCount = 0;
    this.rowCapacity = leastRowCapacity;
    const { float64 = 0, int32 = 0, bytes = 0 } = this.#shape;
    for (let at = 0; at < float64; at++) this.float64[at] = new Float64Array(leastRowCapacity);
    for (let at = 0; at < int32; at++) this.int32[at] = new Int32Array(leastRowCapacity);
    for (let at = 0; at < bytes; at++) this.bytes[at] = new ByteArena(leastRowCapacity);
    this.keyGroups = new Uint16Array(leastRowCapacity);
  }

  protected get isRecyclable(): boolean {
    if (this.rowCapacity < leastRecycledCapacity || this.rowCount * 8 < this.rowCapacity) return false;
    return !this.sealed || this.#frozen!.holders === 0;
  }

  protected recycleRows(): void {
    this.#parted();
    for (const values of this.float64) values.fill(0, 0, this.rowCount);
    for (const values of this.int32) values.fill(0, 0, this.rowCount);
    for (const arena of this.bytes) arena.recycle();
    this.rowCount = 0;
  }

  protected get columnBytes(): number {
    let total = this.keyGroups.byteLength;
    for (const values of this.float64) total += values.byteLength;
    for (const values of this.int32) total += values.byteLength;
    for (const arena of this.bytes) total += arena.memoryBytes;
    return total;
  }
}

/** The columns of a table as they were at a freeze. While somebody holds it, the table does not write into them. */
export class FrozenRows implements Rows {
  readonly rowCount: number;
  readonly keys: Float64Array | ByteRows;
  readonly keyGroups: Uint16Array;
  readonly float64: readonly Float64Array[];
  readonly int32: readonly Int32Array[];
  readonly bytes: readonly ByteRows[];
  readonly version: number;
  holders = 1;

  constructor(table: RowColumns) {
    this.rowCount = table.rowCount;
    this.keys = table.keys instanceof ByteArena ? table.keys.share() : table.keys;
    this.keyGroups = table.keyGroups;
    this.float64 = table.float64.slice();
    this.int32 = table.int32.slice();
    this.bytes = table.bytes.map((arena) => arena.share());
    this.version = table.version;
  }

  /** It has been read for good: what is written from now on copies nothing. */
  release(): void {
    this.holders--;
  }
}
