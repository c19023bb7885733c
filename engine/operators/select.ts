/** Takes some columns, in the order asked for and under new names if wished. It copies nothing. */
import { Batch } from "../records/batch.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import type { Operator, Output } from "./operator.ts";

export type SelectedColumn = { readonly from: string; readonly as: string };
export type SelectConfig = { readonly input: Schema; readonly columns: readonly SelectedColumn[] };

export function selectOutput({ input, columns }: SelectConfig): Schema {
  const selected = columns.map(({ from, as }) => ({ ...input.columns[columnIndex(input, from)]!, name: as }));
  return {
    fields: Object.fromEntries(columns.map(({ from, as }) => [as, input.fields[from]!])),
    columns: selected,
  };
}

export function select(config: SelectConfig): Operator {
  const output = selectOutput(config);
  const indexes = config.columns.map(({ from }) => columnIndex(config.input, from));
  let out: Output;
  return {
    open(context) {
      out = context.out;
    },
    onBatch(batch) {
      out.emit(withColumnsAt(batch, output, indexes));
    },
  };
}

/** A view of a batch with these columns of it. */
export function withColumnsAt(batch: Batch, schema: Schema, indexes: readonly number[]): Batch {
  return new Batch(
    schema,
    batch.rowCount,
    indexes.map((index) => batch.columns[index]!),
    batch.times,
    indexes.map((index) => batch.valid[index]),
    batch.dueMs,
  );
}
