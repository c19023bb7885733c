/** A table of byte keys of which only the rows used of late are in memory. */
import type { BytesColumn } from "../../records/batch.ts";
import { ByteKeyTable, type ByteKeyType } from "../byte-key-table.ts";
import type { RowShape, Rows } from "../row-columns.ts";
import { ColdSweep, coldBlocks, removeCold } from "./cold-blocks.ts";
import { type ColdRows, decodeRow, mostKeyBytes } from "./cold-rows.ts";
import { WarmRows } from "./warm-rows.ts";

export class DiskByteKeyTable extends ByteKeyTable {
  readonly cold: ColdRows;
  readonly #keyType: ByteKeyType;
  readonly #shape: RowShape;
  readonly #warm = new WarmRows();
  readonly #sweep = new ColdSweep();

  constructor(cold: ColdRows, keyType: ByteKeyType, shape: RowShape, maxParallelism: number) {
    super(keyType, shape, maxParallelism);
    this.cold = cold;
    this.#keyType = keyType;
    this.#shape = shape;
  }

  override get keyCount(): number {
    return this.rowCount + this.cold.count;
  }

  override rowFor(source: Uint8Array, start: number, end: number): number {
    if (super.find(source, start, end) < 0) this.#load(source, start, end);
    const row = super.rowFor(source, start, end);
    this.#warm.use(row);
    return row;
  }

  override rowsFor(column: BytesColumn, from: number, to: number, into: Int32Array): void {
    this.#loadAll(column, from, to, into);
    super.rowsFor(column, from, to, into);
    this.#warm.useAll(into, from, to);
  }

  override find(source: Uint8Array, start: number, end: number): number {
    const row = super.find(source, start, end);
    return row < 0 ? this.#load(source, start, end) : row;
  }

  override findAll(column: BytesColumn, from: number, to: number, into: Int32Array): void {
    this.#loadAll(column, from, to, into);
    super.findAll(column, from, to, into);
    this.#warm.useAll(into, from, to);
  }

  override deleteRow(row: number): void {
    super.deleteRow(row);
    this.#warm.moved(this.rowCount, row);
  }

  override clear(): void {
    super.clear();
    this.cold.clear();
  }

  override *blocks(): Generator<Rows> {
    yield this;
    yield* coldBlocks(this.cold, () => this.emptyCopy());
  }

  override removeWhere(leaves: (rows: Rows, row: number) => boolean): void {
    super.removeWhere(leaves);
    // So that the next snapshot does not take the table for unchanged.
    if (removeCold(this.cold, this.emptyCopy(), leaves)) this.beginWriting();
  }

  override removeSome(most: number, leaves: (rows: Rows, row: number) => boolean): void {
    super.removeSome(most, leaves);
    if (this.#sweep.removeSome(this.cold, () => this.emptyCopy(), most, leaves)) this.beginWriting();
  }

  /** Moves the rows that were used least lately to disk, until there are fewer than so many. */
  makeRoom(mostRows: number): void {
    if (this.rowCount <= mostRows) return;
    this.cold.together(() =>
      this.#warm.makeRoom(this, mostRows, (row) => {
        const key = this.keys.get(row);
        // Disk goes by the group of the key; an operator may have put the row elsewhere.
        const isMovable =
          key.length <= mostKeyBytes && this.keyGroups[row] === this.keyGroupOf(key, 0, key.length);
        if (!isMovable) return false;
        this.cold.put(this.keyGroups[row]!, key, this, row);
        this.deleteRow(row);
        return true;
      }),
    );
  }

  emptyCopy() {
    const table = new ByteKeyTable(this.#keyType, this.#shape, this.maxParallelism);
    const add = (key: Uint8Array): number => table.rowFor(key, 0, key.length);
    return { table, add };
  }

  #load(source: Uint8Array, start: number, end: number): number {
    if (this.cold.count === 0 || end - start > mostKeyBytes) return -1;
    const value = this.cold.take(this.keyGroupOf(source, start, end), source.subarray(start, end));
    if (value === undefined) return -1;
    const row = super.rowFor(source, start, end);
    decodeRow(value, this, row);
    return row;
  }

  #loadAll(column: BytesColumn, from: number, to: number, into: Int32Array): void {
    if (this.cold.count === 0) return;
    super.findAll(column, from, to, into);
    const { bytes, offsets } = column;
    this.cold.together(() => {
      for (let at = from; at < to; at++) {
        const start = offsets[at]!;
        const end = offsets[at + 1]!;
        if (into[at]! < 0 && super.find(bytes, start, end) < 0) this.#load(bytes, start, end);
      }
    });
  }
}
