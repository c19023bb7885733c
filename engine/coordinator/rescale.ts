/** What a rescale asks for, what it makes of a job's spec, and the report of how long each part of it took. */
import type { JobPlan } from "../dataflow/plan.ts";
import { EngineError } from "../engine-error.ts";
import type { CheckpointMode, JobSpec } from "../runtime/messages.ts";
import { evenAssignment, weightedAssignment } from "../state/assignment.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import {
  type KeyGroupTable,
  type KeyGroupTables,
  stillFitting,
  tableOf,
  tablesOf,
} from "./key-group-tables.ts";

export type RescaleRequest = {
  readonly parallelism?: number;
  /** By operator id. */
  readonly parallelismOf?: Readonly<Record<string, number>>;
  /** Of the savepoint that it goes through; the job's if undefined. */
  readonly mode?: CheckpointMode;
  /** By operator id: shares of key groups, one weight for each subtask. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** By operator id: the owner of each key group. */
  readonly keyGroups?: Readonly<Record<string, readonly number[]>>;
  /** By operator id: a worker for each subtask of its task. Others are placed anew. */
  readonly placement?: WantedPlacement;
};

/** By operator id: a worker's name for each subtask. */
export type WantedPlacement = Readonly<Record<string, readonly string[]>>;

/** What an attempt is deployed by. */
export type Configuration = {
  readonly job: JobSpec;
  readonly tables: KeyGroupTables;
  readonly placement: WantedPlacement;
};

export type RescaleReport = {
  readonly checkpoint: string | undefined;
  readonly from: { readonly parallelism: number; readonly parallelismOf: Readonly<Record<string, number>> };
  readonly to: { readonly parallelism: number; readonly parallelismOf: Readonly<Record<string, number>> };
  readonly outcome: "done" | "returned" | "failed";
  /** Of one that is done: why without a savepoint, from the last complete checkpoint. */
  readonly because: string | undefined;
  /** From the trigger to the durable manifest; the sources stand still from its start. */
  readonly savepointMs: number;
  /** Until all workers had published and let go. */
  readonly stopMs: number;
  /** Until all subtasks were there again with their state. */
  readonly deployMs: number;
  /** From the trigger until the sources were told to go on. */
  readonly standStillMs: number;
};

/** What a job begins with, where it is not resumed. */
export function firstConfiguration({ job, first, plan }: CoordinatorOptions): Configuration {
  const plain: Configuration = { job, tables: {}, placement: {} };
  return first === undefined ? plain : configurationAfter(first, plain, plan);
}

/** Checks the request by planning it; nothing has happened yet when it throws. */
export function configurationAfter(
  request: RescaleRequest,
  before: Configuration,
  planOf: (job: JobSpec) => JobPlan,
): Configuration {
  const job: JobSpec = {
    ...before.job,
    parallelism: request.parallelism ?? before.job.parallelism,
    parallelismOf: { ...before.job.parallelismOf, ...request.parallelismOf },
  };
  const plan = planOf(job);
  checkOperators(request, plan);
  const former = planOf(before.job);
  const tables: Record<string, KeyGroupTable> = { ...stillFitting(plan, former, before.tables) };
  for (const [id, weights] of Object.entries(request.weights ?? {})) {
    tables[id] = weighted(id, weights, plan, former, before.tables);
  }
  for (const [id, subtaskOf] of Object.entries(request.keyGroups ?? {})) {
    tables[id] = { version: (before.tables[id]?.version ?? 1) + 1, subtaskOf };
  }
  tablesOf(plan, tables);
  const placement = request.placement ?? fittingPlacement(plan, before.placement);
  return { job, tables, placement };
}

function weighted(
  id: string,
  weights: readonly number[],
  plan: JobPlan,
  former: JobPlan,
  tables: KeyGroupTables,
): KeyGroupTable {
  const { parallelism } = taskOf(plan, id)!;
  if (weights.length !== parallelism) {
    throw mistake(
      `${weights.length} weights are given for operator ${id}, which has ${parallelism} subtasks`,
    );
  }
  const index = former.tasks.findIndex(({ operators }) => operators.some((operator) => operator.id === id));
  const table = tablesOf(former, tables)[index];
  const held = former.tasks[index]?.parallelism ?? 1;
  const previous =
    table === undefined
      ? evenAssignment(plan.maxParallelism, held)
      : { version: table.version, parallelism: held, subtaskOf: Uint16Array.from(table.subtaskOf) };
  return tableOf(weightedAssignment(weights, previous));
}

function checkOperators(request: RescaleRequest, plan: JobPlan): void {
  const { parallelismOf, weights, keyGroups, placement } = request;
  const known = plan.tasks.flatMap(({ operators }) => operators.map(({ id }) => id));
  for (const id of Object.keys({ ...parallelismOf, ...weights, ...keyGroups, ...placement })) {
    if (!known.includes(id)) throw mistake(`the job has no operator ${id}; it has ${known.join(", ")}`);
  }
  for (const [id, workers] of Object.entries(placement ?? {})) {
    const { parallelism } = taskOf(plan, id)!;
    if (workers.length === parallelism) continue;
    throw mistake(
      `${workers.length} workers are named for operator ${id}, which has ${parallelism} subtasks`,
    );
  }
}

function fittingPlacement(plan: JobPlan, wanted: WantedPlacement): WantedPlacement {
  return Object.fromEntries(
    Object.entries(wanted).filter(([id, workers]) => taskOf(plan, id)?.parallelism === workers.length),
  );
}

const taskOf = (plan: JobPlan, id: string) =>
  plan.tasks.find(({ operators }) => operators.some((operator) => operator.id === id));

const mistake = (what: string) =>
  new EngineError("rescale-request", what, "mend the request; the job runs on as it was", 2);
