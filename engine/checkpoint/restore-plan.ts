/** What of a manifest goes where at a restore: parts are found by operator id, since tasks change with parallelism. */
import type { JobPlan } from "../dataflow/plan.ts";
import { EngineError } from "../engine-error.ts";
import type { Manifest } from "./manifest.ts";
import type { Part } from "./part.ts";

/** The parts of all subtasks that had this operator, in the order of subtasks; empty for one that is new. */
export function partsOfOperator(manifest: Manifest, operator: string): readonly Part[] {
  const task = manifest.tasks.findIndex(({ operators }) => operators.includes(operator));
  return partsOfTask(manifest, task);
}

/** By subtask. */
export function partsOfTask(manifest: Manifest, task: number): readonly Part[] {
  return manifest.parts
    .filter((part) => part.task === task)
    .sort((one, other) => one.subtask - other.subtask)
    .map(({ part }) => part as Part);
}

/** Refuses a manifest with state that this plan would lose, and one whose key groups are counted otherwise. */
export function checkRestorable(
  manifest: Manifest,
  name: string,
  plan: JobPlan,
  allowDroppedState: boolean,
): void {
  if (manifest.job.maxParallelism !== plan.maxParallelism) {
    throw new EngineError(
      "savepoint-max-parallelism",
      `${name} has ${manifest.job.maxParallelism} key groups, the job has ${plan.maxParallelism}`,
      `start the job with maximum parallelism ${manifest.job.maxParallelism}; it cannot change once there is state`,
      2,
    );
  }
  if (allowDroppedState) return;
  const known = new Set(plan.tasks.flatMap(({ operators }) => operators.map(({ id }) => id)));
  const dropped = statefulOperators(manifest).filter((id) => !known.has(id));
  if (dropped.length === 0) return;
  throw new EngineError(
    "savepoint-dropped-state",
    `state of operator ${dropped.join(", ")} is in ${name}, but the job has no such operator ` +
      `(it has ${[...known].join(", ")})`,
    "give the operator its former id, or allow its state to be dropped (--allow-dropped-state)",
    2,
  );
}

/** Those that have something to lose. */
function statefulOperators(manifest: Manifest): string[] {
  const stateful = new Set<string>();
  for (const { part } of manifest.parts) {
    for (const { operator, segments } of (part as Part).operators) {
      if (segments.length > 0) stateful.add(operator);
    }
  }
  return [...stateful].sort();
}
