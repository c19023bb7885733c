/** A rolling aggregation: each row goes into its key's accumulator, and what it amounts to so far goes out for each. */
import type { Cursor } from "../records/cursor.ts";
import type { Fields, RowOf, Schema } from "../records/schema.ts";
import type { Operator } from "./operator.ts";
import type { Key, ProcessFunction } from "./process/functions.ts";
import { type MutableRow, value } from "./process/state-specs.ts";
import { keyedProcess } from "./process.ts";

export type KeyedAggregateSettings<
  In extends Fields = Fields,
  Accumulator extends Fields = Fields,
  Out extends Fields = Fields,
> = {
  readonly input: Schema<In>;
  readonly key: string;
  readonly output: Schema<Out>;
  /** 0, false, empty or null before the first row. */
  readonly accumulator: Accumulator;
  readonly add: (accumulator: MutableRow<Accumulator>, row: Cursor<In>) => void;
  readonly result: (accumulator: RowOf<Accumulator>, key: Key) => RowOf<Out>;
};

export function keyedAggregate(settings: KeyedAggregateSettings): Operator {
  const { input, key, output, accumulator, add, result } = settings;
  return keyedProcess({
    input,
    key,
    output,
    function: { state: { accumulator: value(accumulator) }, onRow: onRowOf(add, result) },
  });
}

/** A fresh copy of the function for each operator, so that each is compiled for its own `add` and `result`. */
function onRowOf(add: unknown, result: unknown): ProcessFunction["onRow"] {
  return new Function(
    "add",
    "result",
    `return (row, context, out) => {
      const accumulator = context.state.accumulator;
      add(accumulator, row);
      out.emit(result(accumulator, context.key));
    };`,
  )(add, result) as ProcessFunction["onRow"];
}
