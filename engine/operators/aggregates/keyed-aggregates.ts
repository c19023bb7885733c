/** Aggregates by key: a table that holds a row of accumulators for each key, and how batches and tables go into it. */
import type { Batch } from "../../records/batch.ts";
import type { Schema } from "../../records/schema.ts";
import { type KeyedTable, makeTable, rowForKeyOf, rowsForColumn } from "../../state/keyed-table.ts";
import type { KeyType } from "../../state/operator-state.ts";
import type { Rows } from "../../state/row-columns.ts";
import { type AggregateSpec, aggregateFields } from "./aggregate-spec.ts";
import { Aggregates } from "./aggregates.ts";

export type KeyedAggregatesConfig = {
  readonly aggregates: readonly AggregateSpec[];
  /** The records; the same where partial results of them come in. */
  readonly input: Schema;
  readonly keyType: KeyType;
  readonly key: string;
  readonly keyColumn: number;
  readonly maxParallelism: number;
};

export class KeyedAggregates {
  readonly all: Aggregates;
  readonly #config: KeyedAggregatesConfig;
  #rows = new Int32Array(0);

  constructor(config: KeyedAggregatesConfig) {
    const { aggregates, input, key } = config;
    aggregateFields(aggregates, input, key); // Refuses what makes no sense, with the columns' names.
    this.#config = config;
    this.all = new Aggregates(aggregates, input, key);
  }

  /** A table that is no state: for what is derived. */
  makeTable(): KeyedTable {
    return makeTable(this.#config.keyType, this.all.shape, this.#config.maxParallelism);
  }

  /** Records [from, to) of a batch. Returns the rows of their keys, by record, until the next call. */
  add(table: KeyedTable, batch: Batch, from: number, to: number): Int32Array {
    const rows = this.#room(to);
    rowsForColumn(table, batch.columns[this.#config.keyColumn]!, from, to, rows);
    this.all.add(table, table.firstNew, rows, batch, from, to);
    return rows;
  }

  /** Partial results [from, to): a batch of the key's column and the accumulators behind it. */
  addPartial(table: KeyedTable, batch: Batch, from: number, to: number): Int32Array {
    const rows = this.#room(to);
    rowsForColumn(table, batch.columns[0]!, from, to, rows);
    const float64 = batch.columns.slice(1) as Float64Array[];
    this.all.merge(table, table.firstNew, rows, { float64, bytes: [] }, from, to);
    return rows;
  }

  /** All rows of another table; with `takes`, those alone for which it says so. */
  merge(into: KeyedTable, from: KeyedTable, takes?: (rows: Rows, row: number) => boolean): void {
    for (const block of from.blocks()) {
      const { rowCount, keys } = block;
      if (into.kind === "integers" && takes === undefined) {
        const rows = this.#room(rowCount);
        into.rowsFor(keys as Float64Array, 0, rowCount, rows);
        this.all.merge(into, into.firstNew, rows, block, 0, rowCount);
        continue;
      }
      for (let row = 0; row < rowCount; row++) {
        if (takes === undefined || takes(block, row)) this.mergeRow(into, block, row);
      }
    }
  }

  mergeRow(into: KeyedTable, from: Rows, row: number): void {
    const rows = this.#room(row + 1);
    rows[row] = rowForKeyOf(into, from, row);
    this.all.merge(into, into.firstNew, rows, from, row, row + 1);
  }

  #room(rows: number): Int32Array {
    if (this.#rows.length < rows) this.#rows = new Int32Array(Math.max(rows, this.#rows.length * 2));
    return this.#rows;
  }
}
