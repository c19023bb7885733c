/** Rows of fixed width in typed columns without gaps: the part of a keyed table that holds the values. */
import { ByteArena, resized } from "./byte-arena.ts";

/** How many columns of each kind a row has. */
export type RowShape = { float64?: number; int32?: number; bytes?: number };

export const leastRowCapacity = 8;
/** Slots are twice the rows and count them in 31 bits. */
const mostRowCapacity = 2 ** 29;

/**
 * Rows are 0 to `rowCount` - 1. A new row is zero (its bytes empty) and is the last. When a row is deleted, the
 * last one takes its place: so a walk that deletes goes from the last row to the first.
 *
 * Columns are replaced when their number of rows changes, so take the row first and then the column:
 * `const row = table.rowFor(key); table.float64[0]![row] = 1`. Written in one expression, the column is fetched
 * before the row is made, and what is set may be lost with the old column.
 */
export class RowColumns {
  readonly float64: Float64Array[];
  readonly int32: Int32Array[];
  readonly bytes: ByteArena[];
  rowCount = 0;
  rowCapacity = leastRowCapacity;

  constructor({ float64 = 0, int32 = 0, bytes = 0 }: RowShape) {
    this.float64 = Array.from({ length: float64 }, () => new Float64Array(leastRowCapacity));
    this.int32 = Array.from({ length: int32 }, () => new Int32Array(leastRowCapacity));
    this.bytes = Array.from({ length: bytes }, () => new ByteArena(leastRowCapacity));
  }

  protected resizeRows(rowCapacity: number): void {
    if (rowCapacity > mostRowCapacity) {
      throw new RangeError(`a key group holds at most ${mostRowCapacity} keys; use more key groups`);
    }
    for (const [at, values] of this.float64.entries()) {
      this.float64[at] = resized(values, new Float64Array(rowCapacity));
    }
    for (const [at, values] of this.int32.entries()) {
      this.int32[at] = resized(values, new Int32Array(rowCapacity));
    }
    for (const arena of this.bytes) arena.resizeRows(rowCapacity);
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
  }

  protected clearRows(): void {
    this.rowCount = 0;
    this.rowCapacity = leastRowCapacity;
    for (const at of this.float64.keys()) this.float64[at] = new Float64Array(leastRowCapacity);
    for (const at of this.int32.keys()) this.int32[at] = new Int32Array(leastRowCapacity);
    for (const at of this.bytes.keys()) this.bytes[at] = new ByteArena(leastRowCapacity);
  }

  protected get columnBytes(): number {
    let total = 0;
    for (const values of this.float64) total += values.byteLength;
    for (const values of this.int32) total += values.byteLength;
    for (const arena of this.bytes) total += arena.memoryBytes;
    return total;
  }
}
