/** Adds or replaces one column, which a function computes for each row or for a whole batch; all others pass as they are. */
import { Batch, type Column } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { type RowWriter, rowWriterOf } from "../records/row-writer.ts";
import type { ColumnSpec, Schema } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import type { Operator, Output } from "./operator.ts";

export type NumberColumn = Float64Array | Int32Array | Uint8Array;

export type Compute =
  | { readonly by: "row"; readonly each: (row: Cursor) => unknown }
  /** Sets the first `rowCount` values of `into`. For numbers and bools that cannot be null. */
  | {
      readonly by: "batch";
      readonly fill: (
        columns: Readonly<Record<string, Column>>,
        rowCount: number,
        into: NumberColumn,
      ) => void;
    };

export type WithColumnConfig = {
  readonly input: Schema;
  /** The computed column and such of the input's as are passed on. */
  readonly output: Schema;
  readonly column: string;
  readonly compute: Compute;
};

type Filler = (batch: Batch) => { readonly column: Column; readonly valid: Uint8Array | undefined };

export function withColumn({ input, output, column, compute }: WithColumnConfig): Operator {
  const place = output.columns.findIndex(({ name }) => name === column);
  const spec = output.columns[place]!;
  const fill =
    compute.by === "batch"
      ? batchFiller(spec, compute.fill, input)
      : isNumber(spec)
        ? numberFiller(spec, compute.each, input)
        : builtFiller(spec, compute.each, input);
  const from = output.columns.map(({ name }) => input.columns.findIndex((other) => other.name === name));
  let out: Output;
  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      const filled = fill(batch);
      const columns = from.map((index, at) => (at === place ? filled.column : batch.columns[index]!));
      const valid = from.map((index, at) => (at === place ? filled.valid : batch.valid[index]));
      out.emit(new Batch(output, batch.rowCount, columns, batch.times, valid, batch.dueMs));
    },
  };
}

/** Of a typed array that need not tell nulls. */
export const isNumber = ({ type, nullable }: ColumnSpec): boolean =>
  type !== "utf8" && type !== "bytes" && !nullable;

function newColumn({ type }: ColumnSpec, rows: number): NumberColumn {
  if (type === "int32") return new Int32Array(rows);
  return type === "bool" ? new Uint8Array(rows) : new Float64Array(rows);
}

function numberFiller(spec: ColumnSpec, each: (row: Cursor) => unknown, input: Schema): Filler {
  const cursor = cursorOf(input);
  const loop = specialise(fillNumbers);
  let into = newColumn(spec, 0);
  return (batch) => {
    if (into.length < batch.rowCount) into = newColumn(spec, batch.rowCount);
    loop(batch, cursor, each, into);
    return { column: into, valid: undefined };
  };
}

/** A bool becomes 0 or 1 as it is stored. */
function fillNumbers(batch: Batch, cursor: Cursor, each: (row: Cursor) => unknown, into: NumberColumn): void {
  cursor.$bind(batch);
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    into[row] = each(cursor) as number;
  }
}

function batchFiller(
  spec: ColumnSpec,
  compute: (columns: Readonly<Record<string, Column>>, rowCount: number, into: NumberColumn) => void,
  input: Schema,
): Filler {
  let into = newColumn(spec, 0);
  return (batch) => {
    if (into.length < batch.rowCount) into = newColumn(spec, batch.rowCount);
    const columns = Object.fromEntries(input.columns.map(({ name }, at) => [name, batch.columns[at]!]));
    compute(columns, batch.rowCount, into);
    return { column: into, valid: undefined };
  };
}

/** For text and for what may be null: a builder of one column. */
function builtFiller(spec: ColumnSpec, each: (row: Cursor) => unknown, input: Schema): Filler {
  const { name, type, nullable } = spec;
  const only: Schema = { fields: { [name]: nullable ? `${type}?` : type }, columns: [spec] };
  const cursor = cursorOf(input);
  const builder = new BatchBuilder(only);
  const writer = rowWriterOf(only, builder);
  const loop = specialise(fillBuilder);
  return (batch) => {
    loop(batch, cursor, each, writer, name);
    const { columns, valid } = builder.finish();
    return { column: columns[0]!, valid: valid[0] };
  };
}

function fillBuilder(
  batch: Batch,
  cursor: Cursor,
  each: (row: Cursor) => unknown,
  writer: RowWriter,
  name: string,
): void {
  cursor.$bind(batch);
  for (let row = 0; row < batch.rowCount; row++) {
    cursor.$row = row;
    writer.$begin();
    writer[name] = each(cursor) as string;
    writer.$end(Number.NaN);
  }
}
