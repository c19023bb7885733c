/**
 * How an aggregate works on columns: it keeps accumulators for each key as columns of a table's rows, and goes over a
 * batch in a loop of its own.
 */
import type { Batch } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import type { RowColumns, Rows } from "../../state/row-columns.ts";

/** Accumulators to read: a table's rows, a part of one that lies on disk, or the columns of partial results. */
export type Cells = Pick<Rows, "float64" | "bytes">;

/** All loops go over r in [from, to); `rows[r]` is the row of the table that r belongs to. */
export interface AggregateProgram {
  /** Accumulator columns of each kind. */
  readonly float64: number;
  readonly bytes: number;
  /** Columns of the result. */
  readonly width: number;
  /** Rows [from, to) of the table are new: all zero. */
  init?(table: RowColumns, from: number, to: number): void;
  add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number): void;
  merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number): void;
  /** Writes results of rows [from, to) into a builder's columns from `column` on, at its current row; there is room. */
  result(source: Cells, from: number, to: number, builder: BatchBuilder, column: number): void;
}

/** Where the accumulators of one aggregate begin among those of all. */
export type Place = { readonly float64: number; readonly bytes: number };
