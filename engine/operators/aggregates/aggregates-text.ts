/** Aggregates as text: what their accumulators hold, in their order. It is kept with state, to be compared with. */
import { columnIndex, type Schema, schema } from "../../records/schema.ts";
import { schemaText } from "../../state/state-descriptor.ts";
import type { AggregateSpec } from "./aggregate-spec.ts";

/** Without the names of results, which are no state: `count, sum(price: integer), custom(total: float64)`. */
export const aggregatesText = (specs: readonly AggregateSpec[], input: Schema, key: string): string =>
  specs.map((spec) => `${spec.is}${detail(spec, input, key)}`).join(", ");

function detail(spec: AggregateSpec, input: Schema, key: string): string {
  const columns = (names: readonly string[]) =>
    schemaText({ columns: names.map((name) => input.columns[columnIndex(input, name)]!) });
  switch (spec.is) {
    case "count":
      return "";
    case "sum":
    case "avg":
    case "min":
    case "max":
    case "first":
    case "last":
      return `(${columns([spec.column])})`;
    case "argMax":
    case "argMin": {
      const ties = spec.ties?.length ? `, ties ${columns(spec.ties)}` : "";
      return `(${columns([spec.by])}${ties}, takes ${columns(spec.take.filter((name) => name !== key))})`;
    }
    // Functions cannot be compared: an `add` that means something else by the same accumulator is not noticed.
    case "custom":
      return `(${schemaText(schema(spec.accumulator))})`;
    case "reduce":
      return `(${schemaText(input)})`;
    default:
      return spec satisfies never;
  }
}
