/**
 * Which subtask owns which key group, for the tasks of a plan. A table that somebody asked for stays with the job
 * over restarts, by the operators of its task; all others are even.
 */
import type { JobPlan, TaskPlan } from "../dataflow/plan.ts";
import { EngineError } from "../engine-error.ts";
import type { Assignment } from "../state/assignment.ts";
import { evenAssignment } from "../state/assignment.ts";

export type KeyGroupTable = { readonly version: number; readonly subtaskOf: readonly number[] };
/** By operator id. */
export type KeyGroupTables = Readonly<Record<string, KeyGroupTable>>;

/** By task. */
export function tablesOf(plan: JobPlan, asked: KeyGroupTables): KeyGroupTable[] {
  return plan.tasks.map((task) => {
    const [operator, other] = task.operators.filter(({ id }) => asked[id] !== undefined);
    if (operator !== undefined) {
      const table = asked[operator.id]!;
      checkTable(table, task, operator.id, plan.maxParallelism);
      if (other !== undefined && `${asked[other.id]!.subtaskOf}` !== `${table.subtaskOf}`)
        throw contradiction(operator.id, other.id);
      return table;
    }
    const { version, subtaskOf } = evenAssignment(plan.maxParallelism, task.parallelism);
    return { version, subtaskOf: [...subtaskOf] };
  });
}

/** Of what was asked before, what still fits the plan; a change of parallelism does away with a task's old table. */
export function stillFitting(plan: JobPlan, former: JobPlan, asked: KeyGroupTables): KeyGroupTables {
  const [now, before] = [parallelismsOf(plan), parallelismsOf(former)];
  return Object.fromEntries(Object.entries(asked).filter(([id]) => now.get(id) === before.get(id)));
}

/** By operator id. */
const parallelismsOf = ({ tasks }: JobPlan): ReadonlyMap<string, number> =>
  new Map(
    tasks.flatMap(({ operators, parallelism }) => operators.map(({ id }) => [id, parallelism] as const)),
  );

export const tableOf = ({ version, subtaskOf }: Assignment): KeyGroupTable => ({
  version,
  subtaskOf: [...subtaskOf],
});

const contradiction = (one: string, other: string) =>
  new EngineError(
    "key-group-table",
    `operators ${one} and ${other} are chained to one task, but are given different key-group tables`,
    "give the same table for both, or for one of them alone",
    2,
  );

function checkTable({ subtaskOf }: KeyGroupTable, task: TaskPlan, id: string, maxParallelism: number): void {
  const outside = subtaskOf.find(
    (owner) => !(Number.isInteger(owner) && owner >= 0 && owner < task.parallelism),
  );
  if (subtaskOf.length === maxParallelism && outside === undefined) return;
  const because =
    outside === undefined
      ? `has ${subtaskOf.length} key groups, the job ${maxParallelism}`
      : `gives a key group to subtask ${outside}, but there are ${task.parallelism} subtasks`;
  throw new EngineError(
    "key-group-table",
    `the key-group table for operator ${id} ${because}`,
    "give one owner, from 0 to parallelism - 1, for each key group",
    2,
  );
}
