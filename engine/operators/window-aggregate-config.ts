/** What an aggregation over windows of event time is told, and the columns that follow from it. */
import { EngineError } from "../engine-error.ts";
import { columnIndex, type FieldSpec, type Fields, type Schema, schema } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { TimeWindowSpec } from "../time/window-spec.ts";
import { type AggregateSpec, aggregateFields } from "./aggregates/aggregate-spec.ts";
import { Aggregates } from "./aggregates/aggregates.ts";

export type WindowAggregateConfig = {
  readonly input: Schema;
  readonly key: string;
  readonly window: TimeWindowSpec;
  readonly aggregates: readonly AggregateSpec[];
  /** For so long after its end a window fires again for each late record. */
  readonly latenessMs?: number;
  /** Records that come too late go to the side output "late"; else they are dropped and counted. */
  readonly late?: boolean;
};

export function keyTypeOf(input: Schema, key: string): KeyType {
  const { type, nullable } = input.columns[columnIndex(input, key)]!;
  if (type === "bool" || type === "float64" || nullable) {
    throw new EngineError(
      "bad-key",
      `column ${JSON.stringify(key)} is ${nullable ? "nullable" : type} and can be no key`,
      "take a column of integers, timestamps, text or bytes that is never null",
      2,
    );
  }
  return type;
}

/** The key, when the window starts and ends (where windows have bounds), and the aggregates' columns. */
export function windowAggregateOutput(
  { input, key, aggregates }: Pick<WindowAggregateConfig, "input" | "key" | "aggregates">,
  hasBounds = true,
): Schema {
  const fields: Record<string, FieldSpec> = { [key]: keyTypeOf(input, key) };
  if (hasBounds) Object.assign(fields, { windowStart: "timestamp", windowEnd: "timestamp" });
  for (const [name, spec] of Object.entries(aggregateFields(aggregates, input, key))) {
    if (name in fields) {
      throw new EngineError(
        "column-twice",
        `a window has a column ${name} already`,
        "name the aggregate otherwise",
        2,
      );
    }
    fields[name] = spec;
  }
  return schema(fields);
}

/** Whether partial results can be made before records are sent to their key's subtask. */
export function canPreAggregate({
  input,
  key,
  aggregates,
  latenessMs = 0,
  late = false,
}: WindowAggregateConfig): boolean {
  // A late record must arrive as such where it goes to an output of its own or makes a window fire again.
  return latenessMs === 0 && !late && new Aggregates(aggregates, input, key).shape.bytes === 0;
}

/** The key, and accumulators. Its event time is the start of the slice. */
export function preAggregateOutput({ input, key, aggregates }: WindowAggregateConfig): Schema {
  const { float64 } = new Aggregates(aggregates, input, key).shape;
  const accumulators = Array.from({ length: float64 }, (_, at) => [`accumulator${at}`, "float64"] as const);
  return schema(Object.fromEntries([[key, keyTypeOf(input, key)], ...accumulators]) as Fields);
}
