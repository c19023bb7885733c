/** All aggregates of one operator, compiled: accumulators side by side in one table, and each batch gone over by each. */
import type { Batch } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import { type ColumnSpec, columnIndex, type Schema } from "../../records/schema.ts";
import type { RowColumns, RowShape } from "../../state/row-columns.ts";
import type { AggregateProgram, Cells, Place } from "./aggregate-program.ts";
import type { AggregateSpec } from "./aggregate-spec.ts";
import { countProgram, sumProgram } from "./counting.ts";
import { customProgram, reduceProgram } from "./custom.ts";
import { extremeProgram } from "./extremes.ts";
import { pickProgram } from "./pick.ts";

const nothing = new Uint8Array(0);

export class Aggregates {
  readonly shape: Required<Pick<RowShape, "float64" | "bytes">>;
  readonly #programs: readonly AggregateProgram[];
  /** The column that is 1 where accumulators do not begin at zero and have begun; -1 if all begin at zero. */
  readonly #begunAt: number;
  readonly #spare: number;

  /** `spare` float64 columns stand before the accumulators, for the operator's own use. */
  constructor(specs: readonly AggregateSpec[], input: Schema, key: string, spare = 0) {
    const programs: AggregateProgram[] = [];
    let place: Place = { float64: spare, bytes: 0 };
    for (const spec of specs) {
      const program = compile(spec, place, input, key);
      programs.push(program);
      place = { float64: place.float64 + program.float64, bytes: place.bytes + program.bytes };
    }
    this.#programs = programs;
    this.#spare = spare;
    const isPlain = programs.every((program) => program.init === undefined);
    this.#begunAt = isPlain ? -1 : place.float64;
    this.shape = isPlain ? place : { float64: place.float64 + 1, bytes: place.bytes };
  }

  /** Rows from `firstNew` on are new, unless a backend has fetched them: that is why the column tells. */
  #begin(table: RowColumns, firstNew: number): void {
    if (this.#begunAt < 0 || firstNew === table.rowCount) return;
    const begun = table.float64[this.#begunAt]!;
    for (let row = firstNew; row < table.rowCount; row++) {
      if (begun[row] === 1) continue;
      begun[row] = 1;
      for (const program of this.#programs) program.init?.(table, row, row + 1);
    }
  }

  /** Rows of the table from `firstNew` on were not there before this batch's keys were looked up. */
  add(table: RowColumns, firstNew: number, rows: Int32Array, batch: Batch, from: number, to: number): void {
    this.#begin(table, firstNew);
    for (const program of this.#programs) program.add(table, rows, batch, from, to);
  }

  /** Accumulators of a row as those of a new one. */
  reset(table: RowColumns, row: number): void {
    for (let at = this.#spare; at < this.shape.float64; at++) table.float64[at]![row] = 0;
    for (let at = 0; at < this.shape.bytes; at++) table.bytes[at]!.set(row, nothing, 0, 0);
    if (this.#begunAt < 0) return;
    table.float64[this.#begunAt]![row] = 1;
    for (const program of this.#programs) program.init?.(table, row, row + 1);
  }

  merge(
    table: RowColumns,
    firstNew: number,
    rows: Int32Array,
    source: Cells,
    from: number,
    to: number,
  ): void {
    this.#begin(table, firstNew);
    for (const program of this.#programs) program.merge(table, rows, source, from, to);
  }

  result(source: Cells, from: number, to: number, builder: BatchBuilder, firstColumn: number): void {
    let column = firstColumn;
    for (const program of this.#programs) {
      program.result(source, from, to, builder, column);
      column += program.width;
    }
  }
}

function compile(spec: AggregateSpec, place: Place, input: Schema, key: string): AggregateProgram {
  const at = (name: string): { column: number; spec: ColumnSpec } => {
    const column = columnIndex(input, name);
    return { column, spec: input.columns[column]! };
  };
  switch (spec.is) {
    case "count":
      return countProgram(place);
    case "sum":
    case "avg": {
      const { column, spec: of } = at(spec.column);
      return sumProgram(place, column, of.nullable, spec.is === "avg");
    }
    case "min":
    case "max": {
      const { column, spec: of } = at(spec.column);
      return extremeProgram(place, column, of.nullable, spec.is === "max");
    }
    case "first":
    case "last": {
      const largest = spec.is === "last";
      return pickProgram(place, {
        by: -1,
        largest,
        ties: [],
        lastOfEquals: largest,
        take: [at(spec.column)],
      });
    }
    case "argMax":
    case "argMin":
      return pickProgram(place, {
        by: at(spec.by).column,
        largest: spec.is === "argMax",
        ties: (spec.ties ?? []).map((name) => at(name).column),
        lastOfEquals: false,
        take: spec.take.filter((name) => name !== key).map(at),
      });
    case "custom":
      return customProgram(place, spec, input);
    case "reduce":
      return reduceProgram(place, spec, input, columnIndex(input, key));
    default:
      return spec satisfies never;
  }
}
