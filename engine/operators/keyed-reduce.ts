/** A rolling reduction: each row is folded into its key's total, and the total so far goes out for each. */

import type { Cursor } from "../records/cursor.ts";
import type { Fields, Schema } from "../records/schema.ts";
import type { Operator } from "./operator.ts";
import type { ProcessFunction } from "./process/functions.ts";
import { type MutableRow, value } from "./process/state-specs.ts";
import { keyedProcess } from "./process.ts";

export type KeyedReduceSettings<F extends Fields = Fields> = {
  /** Of the output as well. */
  readonly input: Schema<F>;
  readonly key: string;
  /** Changes `total`, which begins as the key's first row. */
  readonly reduce: (total: MutableRow<F>, row: Cursor<F>) => void;
};

export function keyedReduce({ input, key, reduce }: KeyedReduceSettings): Operator {
  const names = input.columns.map(({ name }) => name);
  // The key's column is a name like `$key` where the key is made of several; state has no use for it.
  const kept = names.filter((name) => name !== key);
  const fields = Object.fromEntries(kept.map((name) => [name, input.fields[name]!]));
  return keyedProcess({
    input,
    key,
    output: input,
    function: { state: { total: value(fields) }, onRow: onRowOf(key, kept, reduce) },
  });
}

/** Written for the columns, and a fresh copy for each operator: each is compiled for its own `reduce`. */
function onRowOf(key: string, kept: readonly string[], reduce: unknown): ProcessFunction["onRow"] {
  return new Function(
    "reduce",
    `return (row, context, out) => {
      const total = context.state.total;
      if (total.$isSet) reduce(total, row);
      else { ${kept.map((name) => `total.${name} = row.${name};`).join(" ")} }
      out.emit({ ${[`${key}: context.key`, ...kept.map((name) => `${name}: total.${name}`)].join(", ")} });
    };`,
  )(reduce) as ProcessFunction["onRow"];
}
