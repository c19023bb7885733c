/** Fields kept in accumulators: which columns hold them, and how they get there and out again. */
import type { Batch, BytesColumn, Column } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import type { ColumnSpec } from "../../records/schema.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { Cells, Place } from "./aggregate-program.ts";

export type Cell = {
  readonly spec: ColumnSpec;
  readonly isBytes: boolean;
  /** Among the accumulators' columns of its kind. */
  readonly at: number;
  /** The float64 column that is 1 where the value is there; -1 if it always is. */
  readonly validAt: number;
};

export function layCells(specs: readonly ColumnSpec[], place: Place): { cells: Cell[]; end: Place } {
  let { float64, bytes } = place;
  const cells = specs.map((spec): Cell => {
    const isBytes = spec.type === "utf8" || spec.type === "bytes";
    const at = isBytes ? bytes++ : float64++;
    return { spec, isBytes, at, validAt: spec.nullable ? float64++ : -1 };
  });
  return { cells, end: { float64, bytes } };
}

/** Row tableRows[i] gets the value of batch row batchRows[i], for the first `count` of them, in that order. */
export function cellFromBatch(
  cell: Cell,
  table: RowColumns,
  tableRows: Int32Array,
  batch: Batch,
  column: number,
  batchRows: Int32Array,
  count: number,
): void {
  const source = batch.columns[column]!;
  if ("offsets" in source) {
    const arena = table.bytes[cell.at]!;
    for (let index = 0; index < count; index++) {
      const row = batchRows[index]!;
      arena.set(tableRows[index]!, source.bytes, source.offsets[row]!, source.offsets[row + 1]!);
    }
  } else {
    const target = table.float64[cell.at]!;
    for (let index = 0; index < count; index++) target[tableRows[index]!] = source[batchRows[index]!]!;
  }
  if (cell.validAt < 0) return;
  const valid = batch.valid[column];
  const target = table.float64[cell.validAt]!;
  for (let index = 0; index < count; index++) {
    target[tableRows[index]!] = valid === undefined ? 1 : valid[batchRows[index]!]!;
  }
}

export function cellFromCells(cell: Cell, table: RowColumns, to: number, source: Cells, from: number): void {
  if (cell.isBytes) {
    const value = source.bytes[cell.at]!.get(from);
    table.bytes[cell.at]!.set(to, value, 0, value.length);
  } else table.float64[cell.at]![to] = source.float64[cell.at]![from]!;
  if (cell.validAt >= 0) table.float64[cell.validAt]![to] = source.float64[cell.validAt]![from]!;
}

/** Rows [from, to) of accumulators as values of a builder's column. */
export function cellToBuilder(
  cell: Cell,
  source: Cells,
  from: number,
  to: number,
  builder: BatchBuilder,
  column: number,
): void {
  if (cell.isBytes) {
    atEachRow(builder, to - from, (index) => {
      const value = source.bytes[cell.at]!.get(from + index);
      builder.putBytes(column, value, 0, value.length);
    });
  } else {
    (builder.columns[column] as Exclude<Column, BytesColumn>).set(
      source.float64[cell.at]!.subarray(from, to),
      builder.rowCount,
    );
  }
  if (cell.validAt < 0) return;
  const valid = source.float64[cell.validAt]!;
  atEachRow(builder, to - from, (index) => builder.setValid(column, valid[from + index] === 1));
}

/** Lets a builder stand on one row after the other of those that are being written, and back on the first. */
export function atEachRow(builder: BatchBuilder, rows: number, write: (index: number) => void): void {
  const first = builder.rowCount;
  for (let index = 0; index < rows; index++) {
    builder.rowCount = first + index;
    write(index);
  }
  builder.rowCount = first;
}
