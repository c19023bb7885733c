/** Aggregates of a person's own functions: `custom` with an accumulator of its own, `reduce` with a record as one. */
import type { Batch } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../../records/cursor.ts";
import { type RowWriter, rowWriterOf } from "../../records/row-writer.ts";
import { type Schema, schema } from "../../records/schema.ts";
import { specialise } from "../../records/specialise.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { AggregateProgram, Cells, Place } from "./aggregate-program.ts";
import type { CustomSpec, ReduceSpec } from "./aggregate-spec.ts";
import { atEachRow, cellFromBatch, cellFromCells, cellToBuilder, layCells } from "./cells.ts";
import { type CellsCursor, cellsCursorOf, type MutableRow } from "./cells-cursor.ts";

export function customProgram(place: Place, spec: CustomSpec, input: Schema): AggregateProgram {
  const { cells, end } = layCells(schema(spec.accumulator).columns, place);
  const kept = cellsCursorOf(cells);
  const other = cellsCursorOf(cells);
  const cursor = cursorOf(input);
  const addAll = specialise(addLoop);
  const initial = Object.entries(spec.initial ?? {});
  let writer: RowWriter | undefined;
  let writes: BatchBuilder | undefined;
  return {
    float64: end.float64 - place.float64,
    bytes: end.bytes - place.bytes,
    width: schema(spec.output).columns.length,
    init(table: RowColumns, from: number, to: number) {
      if (initial.length === 0) return;
      kept.$bind(table);
      for (kept.$row = from; kept.$row < to; kept.$row++) {
        for (const [name, value] of initial) kept[name] = value;
      }
    },
    add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number) {
      kept.$bind(table);
      cursor.$bind(batch);
      addAll(spec.add, kept, cursor, rows, from, to);
    },
    merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number) {
      kept.$bind(table);
      other.$bind(source);
      for (let index = from; index < to; index++) {
        kept.$row = rows[index]!;
        other.$row = index;
        spec.merge(kept, other);
      }
    },
    result(source: Cells, from: number, to: number, builder: BatchBuilder) {
      if (writes !== builder) {
        writer = rowWriterOf(builder.schema, builder);
        writes = builder;
      }
      kept.$bind(source);
      atEachRow(builder, to - from, (index) => {
        kept.$row = from + index;
        spec.result(kept, writer!);
      });
    },
  };
}

/** Keeps [whether there is a record], [its columns…]; the key's column is among them, for the function to read. */
export function reduceProgram(
  place: Place,
  spec: ReduceSpec,
  input: Schema,
  keyIndex: number,
): AggregateProgram {
  const thereAt = place.float64;
  const { cells, end } = layCells(input.columns, { float64: thereAt + 1, bytes: place.bytes });
  const kept = cellsCursorOf(cells);
  const other = cellsCursorOf(cells);
  const cursor = cursorOf(input);
  const oneRow = new Int32Array(1);
  const oneTableRow = new Int32Array(1);
  return {
    float64: end.float64 - place.float64,
    bytes: end.bytes - place.bytes,
    width: cells.length - 1,
    add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number) {
      kept.$bind(table);
      cursor.$bind(batch);
      const there = table.float64[thereAt]!;
      for (let index = from; index < to; index++) {
        const row = rows[index]!;
        if (there[row] === 1) {
          kept.$row = row;
          cursor.$row = index;
          spec.reduce(kept, cursor as unknown as MutableRow);
          continue;
        }
        there[row] = 1;
        oneTableRow[0] = row;
        oneRow[0] = index;
        for (const [column, cell] of cells.entries()) {
          cellFromBatch(cell, table, oneTableRow, batch, column, oneRow, 1);
        }
      }
    },
    merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number) {
      kept.$bind(table);
      other.$bind(source);
      const there = table.float64[thereAt]!;
      for (let index = from; index < to; index++) {
        const row = rows[index]!;
        if (there[row] === 1) {
          kept.$row = row;
          other.$row = index;
          spec.reduce(kept, other);
          continue;
        }
        there[row] = 1;
        for (const cell of cells) cellFromCells(cell, table, row, source, index);
      }
    },
    result(source: Cells, from: number, to: number, builder: BatchBuilder, column: number) {
      let at = column;
      for (const [index, cell] of cells.entries()) {
        if (index !== keyIndex) cellToBuilder(cell, source, from, to, builder, at++);
      }
    },
  };
}

function addLoop(
  add: (kept: MutableRow, row: Cursor) => void,
  kept: CellsCursor,
  cursor: Cursor,
  rows: Int32Array,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    kept.$row = rows[index]!;
    cursor.$row = index;
    add(kept, cursor);
  }
}
