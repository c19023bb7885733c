/** How aggregations over windows are planned. */
import { type AggregateSpec, aggregateReads } from "../operators/aggregates/aggregate-spec.ts";
import { windowAggregate } from "../operators/window-aggregate.ts";
import {
  canPreAggregate,
  preAggregateOutput,
  type WindowAggregateConfig,
  windowAggregateOutput,
} from "../operators/window-aggregate-config.ts";
import { windowOperator } from "../operators/window-operator.ts";
import {
  type WindowContents,
  type WindowOperatorConfig,
  windowOperatorOutput,
} from "../operators/window-operator-config.ts";
import { windowPreAggregate } from "../operators/window-pre-aggregate.ts";
import type { Schema } from "../records/schema.ts";
import {
  columnNames,
  eventTime,
  type OperatorSpec,
  type ResolvedOperator,
  type Wanted,
  wantedOf,
} from "./operator-spec.ts";
import { readsOf } from "./stateless-specs.ts";
import { windowFacts } from "./windows.ts";

export type WindowSettings = Omit<WindowOperatorConfig, "contents" | "late">;

/** The output of records that come after their windows are over. */
export const lateOutput = "late";

/** Tumbling and sliding windows of event time, each with one result at its end. */
function windowAggregateSpec(base: Omit<WindowAggregateConfig, "late" | "partial">): OperatorSpec {
  const configOf = (input: Schema, wanted: Wanted): WindowAggregateConfig => ({
    ...base,
    input,
    late: wanted.has(lateOutput),
  });
  return {
    name: "window-aggregate",
    outputs: { "": windowAggregateOutput(base), [lateOutput]: base.input },
    facts: windowFacts(base.window),
    reads: (wanted) => [windowReads(base, wanted)],
    resolve([input], wanted) {
      const config = configOf(input!, wanted);
      return {
        outputs: { "": windowAggregateOutput(config), [lateOutput]: input! },
        make: () => windowAggregate(config),
        ...(canPreAggregate(config) ? { before: preAggregation(config) } : {}),
      };
    },
  };
}

const preAggregation = (config: WindowAggregateConfig): ResolvedOperator => ({
  outputs: { "": preAggregateOutput(config) },
  make: () => windowPreAggregate(config),
});

/** Windows of any kind with any trigger. */
export function windowProcessSpec(
  settings: WindowSettings,
  contents: WindowContents,
  reads: readonly string[] | undefined,
): OperatorSpec {
  const base: WindowOperatorConfig = { ...settings, contents };
  const sides = contents.is === "rows" ? contents.sides : {};
  return {
    name: "window",
    outputs: { "": windowOperatorOutput(base), ...sides, [lateOutput]: base.input },
    facts: windowFacts(base.window),
    reads(wanted) {
      const columns = reads ?? columnNames(base.input);
      return [new Set([...columns, ...gapColumnOf(base), ...wantedOf(wanted, lateOutput), eventTime])];
    },
    resolve([input], wanted) {
      const config = { ...base, input: input!, late: wanted.has(lateOutput) };
      const outputs = { "": windowOperatorOutput(config), ...sides, [lateOutput]: input! };
      return { outputs, make: () => windowOperator(config) };
    },
  };
}

const gapColumnOf = ({ window }: WindowSettings): readonly string[] =>
  window.is === "session" && window.gapColumn !== undefined ? [window.gapColumn] : [];

/** Aggregates by the fast way where there is one. */
export function windowResultSpec(
  settings: WindowSettings,
  aggregates: readonly AggregateSpec[],
): OperatorSpec {
  const { window, trigger, ...rest } = settings;
  // A column that is not there is told here, with the job's line, and not when the plan is made.
  readsOf(settings.input, aggregateReads(aggregates));
  if ((window.is === "tumbling" || window.is === "sliding") && trigger === undefined) {
    return windowAggregateSpec({ ...rest, window, aggregates });
  }
  return windowProcessSpec(settings, { is: "aggregates", aggregates }, aggregateReads(aggregates));
}

/** The columns of aggregates, event time, and what is read of records that come too late. */
function windowReads(
  { input, aggregates }: Pick<WindowAggregateConfig, "input" | "aggregates">,
  wanted: Wanted,
): Set<string> {
  const reads = aggregateReads(aggregates) ?? columnNames(input);
  return new Set([...reads, ...wantedOf(wanted, lateOutput), eventTime]);
}
