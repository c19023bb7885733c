/** min and max of a column. */
import type { Batch } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import { specialise } from "../../records/specialise.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { AggregateProgram, Cells, Place } from "./aggregate-program.ts";
import { atEachRow } from "./cells.ts";
import { copyResult, type Numbers } from "./counting.ts";

/** Keeps [extreme] and, where values may be null, [whether there was one]. */
export function extremeProgram(
  place: Place,
  input: number,
  nullable: boolean,
  largest: boolean,
): AggregateProgram {
  const at = place.float64;
  const thereAt = at + 1;
  const loop = largest ? maxLoop : minLoop;
  const fromBatch = specialise(loop);
  const fromCells = specialise(loop);
  const fromValid = specialise(loopOfValid);
  return {
    float64: nullable ? 2 : 1,
    bytes: 0,
    width: 1,
    init(table: RowColumns, from: number, to: number) {
      table.float64[at]!.fill(largest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, from, to);
    },
    add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number) {
      const values = batch.columns[input] as Numbers;
      const valid = batch.valid[input];
      const extremes = table.float64[at]!;
      if (valid) {
        fromValid(extremes, table.float64[thereAt]!, rows, values, valid, from, to, largest ? 1 : -1);
        return;
      }
      fromBatch(extremes, rows, values, from, to);
      if (!nullable) return;
      const there = table.float64[thereAt]!;
      for (let index = from; index < to; index++) there[rows[index]!] = 1;
    },
    merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number) {
      fromCells(table.float64[at]!, rows, source.float64[at]!, from, to);
      if (!nullable) return;
      const there = table.float64[thereAt]!;
      const others = source.float64[thereAt]!;
      for (let index = from; index < to; index++) if (others[index] === 1) there[rows[index]!] = 1;
    },
    result(source: Cells, from: number, to: number, builder: BatchBuilder, column: number) {
      copyResult(source.float64[at]!, from, to, builder, column);
      if (!nullable) return;
      const there = source.float64[thereAt]!;
      const values = builder.columns[column] as Float64Array;
      atEachRow(builder, to - from, (index) => {
        builder.setValid(column, there[from + index] === 1);
        if (there[from + index] === 0) values[builder.rowCount] = 0;
      });
    },
  };
}

function maxLoop(best: Float64Array, rows: Int32Array, values: Numbers, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const row = rows[index]!;
    if (values[index]! > best[row]!) best[row] = values[index]!;
  }
}

function minLoop(best: Float64Array, rows: Int32Array, values: Numbers, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const row = rows[index]!;
    if (values[index]! < best[row]!) best[row] = values[index]!;
  }
}

function loopOfValid(
  best: Float64Array,
  there: Float64Array,
  rows: Int32Array,
  values: Numbers,
  valid: Uint8Array,
  from: number,
  to: number,
  sign: 1 | -1,
): void {
  for (let index = from; index < to; index++) {
    if (valid[index] === 0) continue;
    const row = rows[index]!;
    there[row] = 1;
    if (values[index]! * sign > best[row]! * sign) best[row] = values[index]!;
  }
}
