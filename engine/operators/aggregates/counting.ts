/** count, sum and avg: accumulators that add up. */
import type { Batch, Column } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import { specialise } from "../../records/specialise.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { AggregateProgram, Cells, Place } from "./aggregate-program.ts";
import { atEachRow } from "./cells.ts";

export function countProgram(place: Place): AggregateProgram {
  const at = place.float64;
  const increment = specialise(countLoop);
  const plus = specialise(sumLoop);
  return {
    float64: 1,
    bytes: 0,
    width: 1,
    add: (table, rows, _batch, from, to) => increment(table.float64[at]!, rows, from, to),
    merge: (table, rows, source, from, to) => plus(table.float64[at]!, rows, source.float64[at]!, from, to),
    result: (source, from, to, builder, column) => copyResult(source.float64[at]!, from, to, builder, column),
  };
}

/** sum keeps [sum], avg [sum, count]; where values may be null, sum keeps the count as well. */
export function sumProgram(
  place: Place,
  input: number,
  nullable: boolean,
  isAverage: boolean,
): AggregateProgram {
  const sumAt = place.float64;
  const counted = nullable || isAverage;
  const countAt = sumAt + 1;
  const increment = specialise(countLoop);
  const incrementValid = specialise(sumLoop);
  const plus = specialise(sumLoop);
  return {
    float64: counted ? 2 : 1,
    bytes: 0,
    width: 1,
    add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number) {
      // A null's slot is zero, so that it can be added like any other.
      plus(table.float64[sumAt]!, rows, batch.columns[input] as Numbers, from, to);
      if (!counted) return;
      const valid = batch.valid[input];
      if (valid) incrementValid(table.float64[countAt]!, rows, valid, from, to);
      else increment(table.float64[countAt]!, rows, from, to);
    },
    merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number) {
      plus(table.float64[sumAt]!, rows, source.float64[sumAt]!, from, to);
      if (counted) plus(table.float64[countAt]!, rows, source.float64[countAt]!, from, to);
    },
    result(source: Cells, from: number, to: number, builder: BatchBuilder, column: number) {
      copyResult(source.float64[sumAt]!, from, to, builder, column);
      if (!counted) return;
      const counts = source.float64[countAt]!;
      const values = builder.columns[column] as Float64Array;
      if (isAverage) {
        const sums = source.float64[sumAt]!;
        for (let row = from; row < to; row++) {
          values[builder.rowCount + row - from] = counts[row] === 0 ? 0 : sums[row]! / counts[row]!;
        }
      }
      if (!nullable) return;
      atEachRow(builder, to - from, (index) => builder.setValid(column, counts[from + index] !== 0));
    },
  };
}

export type Numbers = Float64Array | Int32Array | Uint8Array;

export function copyResult(
  values: Float64Array,
  from: number,
  to: number,
  builder: BatchBuilder,
  column: number,
): void {
  (builder.columns[column] as Exclude<Column, { offsets: Int32Array }>).set(
    values.subarray(from, to),
    builder.rowCount,
  );
}

function countLoop(counts: Float64Array, rows: Int32Array, from: number, to: number): void {
  for (let index = from; index < to; index++) counts[rows[index]!]! += 1;
}

function sumLoop(sums: Float64Array, rows: Int32Array, values: Numbers, from: number, to: number): void {
  for (let index = from; index < to; index++) sums[rows[index]!]! += values[index]!;
}
