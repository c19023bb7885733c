/** How joins are planned. Each side keeps only the columns that the result takes, besides its key. */
import { type IntervalJoinConfig, intervalJoin, intervalJoinOutput } from "../operators/interval-join.ts";
import { windowJoin } from "../operators/window-join.ts";
import { type JoinResult, type WindowJoinConfig, windowJoinOutput } from "../operators/window-join-config.ts";
import type { Schema } from "../records/schema.ts";
import {
  type ColumnNames,
  columnNames,
  eventTime,
  type OperatorSpec,
  type Wanted,
  wantedOf,
} from "./operator-spec.ts";
import { windowFacts } from "./windows.ts";

type Late = "late-left" | "late-right";
type Taken = readonly { readonly column: string; readonly as: string }[];

/** For experiments: what the join costs beyond its results. */
export type JoinCosts = {
  /** All columns come to the join and are kept there, whether the result takes them or not. */
  readonly carriesAll?: boolean;
};

export function windowJoinSpec(
  base: Omit<WindowJoinConfig, "late">,
  { carriesAll = false }: JoinCosts = {},
): OperatorSpec {
  const configOf = ([left, right]: readonly Schema[], wanted: Wanted): WindowJoinConfig => ({
    ...base,
    left: left!,
    right: right!,
    result: takenOf(base.result, wantedOf(wanted)),
    late: hasLate(wanted),
  });
  return {
    name: "window-join",
    outputs: { "": windowJoinOutput(base), "late-left": base.left, "late-right": base.right },
    facts: { ...windowFacts(base.window), joins: true },
    reads(wanted) {
      if (!carriesAll) return sideReads(base, takenOf(base.result, wantedOf(wanted)), wanted);
      return [base.left, base.right].map((side) => new Set([...columnNames(side), eventTime]));
    },
    resolve(inputs, wanted) {
      const config = configOf(inputs, wanted);
      const outputs = { "": windowJoinOutput(config), "late-left": inputs[0]!, "late-right": inputs[1]! };
      return { outputs, make: () => windowJoin(config as Parameters<typeof windowJoin>[0]) };
    },
  };
}

export function intervalJoinSpec(base: Omit<IntervalJoinConfig, "late">): OperatorSpec {
  const resultOf = (wanted: Wanted) => pruneTaken(base.result, wantedOf(wanted));
  return {
    name: "interval-join",
    outputs: { "": intervalJoinOutput(base), "late-left": base.left, "late-right": base.right },
    facts: { joins: true },
    reads: (wanted) => sideReads(base, { is: "columns", ...resultOf(wanted) }, wanted),
    resolve([left, right], wanted) {
      const config = { ...base, left: left!, right: right!, result: resultOf(wanted), late: hasLate(wanted) };
      const outputs = { "": intervalJoinOutput(config), "late-left": left!, "late-right": right! };
      return { outputs, make: () => intervalJoin(config) };
    },
  };
}

const hasLate = (wanted: Wanted): boolean => wanted.has("late-left") || wanted.has("late-right");

/** Of columns put side by side, only those that anybody reads; a function's result is as it is. */
function takenOf(result: JoinResult, names: ColumnNames): JoinResult {
  if (result.is === "function") return result;
  const { windowStart, windowEnd, ...rest } = result;
  return {
    ...rest,
    ...pruneTaken(result, names),
    ...(windowStart !== undefined && names.has(windowStart) ? { windowStart } : {}),
    ...(windowEnd !== undefined && names.has(windowEnd) ? { windowEnd } : {}),
  };
}

function pruneTaken({ left, right }: { left: Taken; right: Taken }, names: ColumnNames) {
  const wanted = (taken: Taken) => taken.filter(({ as }) => names.has(as));
  return { left: wanted(left), right: wanted(right) };
}

function sideReads(
  { left, right }: { readonly left: Schema; readonly right: Schema },
  result: JoinResult,
  wanted: Wanted,
): ColumnNames[] {
  const side = (full: Schema, taken: Taken | undefined, late: Late) =>
    new Set([
      ...(taken ? taken.map(({ column }) => column) : columnNames(full)),
      ...wantedOf(wanted, late),
      eventTime,
    ]);
  const columns = result.is === "columns" ? result : undefined;
  return [side(left, columns?.left, "late-left"), side(right, columns?.right, "late-right")];
}
