/**
 * Adds or replaces one column of numbers, computed for each row from the row and from numbers that are kept for its
 * key; all other columns pass as they are. The fastest way to have state: rows of state are found for a whole batch.
 */
import { Batch } from "../records/batch.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { generatedClass } from "../records/generated-class.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import { type KeyedTable, rowsForColumn } from "../state/keyed-table.ts";
import type { Operator, Output } from "./operator.ts";
import { keyTypeOf } from "./process/key-type.ts";

/** The numbers of one key, as properties that can be set; 0 at first. */
export type KeyNumbers<Name extends string = string> = { [N in Name]: number };

export type KeyedColumnConfig = {
  readonly input: Schema;
  readonly key: string;
  /** The computed column and such of the input's as are passed on. */
  readonly output: Schema;
  readonly column: string;
  /** The names of what is kept for each key. */
  readonly state: readonly string[];
  readonly each: (row: Cursor, state: KeyNumbers) => number;
};

type Numbers = Float64Array | Int32Array;
/** Stands on a row of the table. */
type StateRow = KeyNumbers & { $row: number; $take(columns: readonly Float64Array[]): void };

export function keyedColumn({ input, key, output, column, state, each }: KeyedColumnConfig): Operator {
  const place = output.columns.findIndex(({ name }) => name === column);
  const isInt32 = output.columns[place]!.type === "int32";
  const from = output.columns.map(({ name }) => input.columns.findIndex((other) => other.name === name));
  const keyColumn = columnIndex(input, key);
  const cursor = cursorOf(input);
  const stateRow = stateRowOf(state);
  const loop = specialise(fill);
  let rows = new Int32Array(0);
  let into: Numbers = new Float64Array(0);
  let table: KeyedTable;
  let out: Output;
  return {
    open(context) {
      out = context.out;
      const shape = { float64: state.length };
      table = context.state.table("numbers", keyTypeOf(input, key), shape, state.join(", "));
    },
    onBatch(batch) {
      const { rowCount } = batch;
      if (rows.length < rowCount) {
        rows = new Int32Array(rowCount);
        into = isInt32 ? new Int32Array(rowCount) : new Float64Array(rowCount);
      }
      rowsForColumn(table, batch.columns[keyColumn]!, 0, rowCount, rows);
      stateRow.$take(table.float64);
      cursor.$bind(batch);
      loop(cursor, stateRow, each, rows, rowCount, into);
      const columns = from.map((index, at) => (at === place ? into : batch.columns[index]!));
      const valid = from.map((index, at) => (at === place ? undefined : batch.valid[index]));
      out.emit(new Batch(output, rowCount, columns, batch.times, valid, batch.dueMs));
    },
  };
}

function fill(
  cursor: Cursor,
  state: StateRow,
  each: KeyedColumnConfig["each"],
  rows: Int32Array,
  rowCount: number,
  into: Numbers,
): void {
  for (let row = 0; row < rowCount; row++) {
    cursor.$row = row;
    state.$row = rows[row]!;
    into[row] = each(cursor, state);
  }
}

/** Names are those of a schema's columns, and so checked: letters, digits, underscores. */
function stateRowOf(names: readonly string[]): StateRow {
  const properties = names.map(
    (name, index) =>
      `get ${name}() { return this.$${index}[this.$row]; } set ${name}(value) { this.$${index}[this.$row] = value; }`,
  );
  const take = names.map((_, index) => `this.$${index} = columns[${index}];`);
  const Class = generatedClass<new () => StateRow>(
    {},
    `class { constructor() { this.$row = 0; } $take(columns) { ${take.join(" ")} } ${properties.join("\n")} }`,
  );
  return new Class();
}
