/** A table of integer keys of which only the rows used of late are in memory. */
import { IntegerTable } from "../integer-table.ts";
import type { RowShape, Rows } from "../row-columns.ts";
import { readSortable, sortableBytes, writeSortable } from "../sortable-integer.ts";
import { ColdSweep, coldBlocks, removeCold } from "./cold-blocks.ts";
import { type ColdRows, decodeRow } from "./cold-rows.ts";
import { WarmRows } from "./warm-rows.ts";

export class DiskIntegerTable extends IntegerTable {
  readonly cold: ColdRows;
  readonly shape: RowShape;
  readonly #warm = new WarmRows();
  readonly #sweep = new ColdSweep();
  readonly #key = new Uint8Array(sortableBytes);

  constructor(
    cold: ColdRows,
    ...[keyType, shape, maxParallelism]: ConstructorParameters<typeof IntegerTable>
  ) {
    super(keyType, shape, maxParallelism);
    this.cold = cold;
    this.shape = shape;
  }

  override get keyCount(): number {
    return this.rowCount + this.cold.count;
  }

  override rowFor(key: number): number {
    if (super.find(key) < 0) this.#load(key);
    const row = super.rowFor(key);
    this.#warm.use(row);
    return row;
  }

  override rowsFor(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    this.#loadAll(keys, from, to, into);
    super.rowsFor(keys, from, to, into);
    this.#warm.useAll(into, from, to);
  }

  override find(key: number): number {
    const row = super.find(key);
    return row < 0 ? this.#load(key) : row;
  }

  override findAll(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    this.#loadAll(keys, from, to, into);
    super.findAll(keys, from, to, into);
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
        // Disk goes by the group of the key; an operator may have put the row elsewhere.
        if (this.keyGroups[row] !== this.keyGroupOf(this.keys[row]!)) return false;
        writeSortable(this.keys[row]!, this.#key, 0);
        this.cold.put(this.keyGroups[row]!, this.#key, this, row);
        this.deleteRow(row);
        return true;
      }),
    );
  }

  /** A table in memory alone, of the same columns; `addCold` puts into it what was on disk. */
  emptyCopy() {
    const table = new IntegerTable(this.keyType, this.shape, this.maxParallelism);
    const add = (key: Uint8Array): number => table.rowFor(readSortable(key, 0));
    return { table, add };
  }

  #load(key: number): number {
    if (this.cold.count === 0 || !Number.isSafeInteger(key)) return -1;
    writeSortable(key, this.#key, 0);
    const value = this.cold.take(this.keyGroupOf(key), this.#key);
    if (value === undefined) return -1;
    const row = super.rowFor(key);
    decodeRow(value, this, row);
    return row;
  }

  #loadAll(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    if (this.cold.count === 0) return;
    super.findAll(keys, from, to, into);
    this.cold.together(() => {
      for (let at = from; at < to; at++)
        if (into[at]! < 0 && super.find(keys[at]!) < 0) this.#load(keys[at]!);
    });
  }
}
