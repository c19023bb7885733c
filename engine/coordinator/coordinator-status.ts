/** What a coordinator says of itself, as plain JSON data: for the API, the command line and models. */
import type { JobSpec } from "../runtime/messages.ts";
import type { CheckpointRecord } from "./checkpoint-history.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { JobExecution } from "./job-execution.ts";
import type { StateName } from "./lifecycle.ts";
import type { RescaleReport } from "./rescale.ts";
import type { MetricsBoard, WorkerMetrics } from "./worker-metrics.ts";

export type CoordinatorStatus = {
  readonly name: string;
  readonly state: StateName;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  readonly savepoint: string | undefined;
  readonly attempt: number;
  readonly restarts: number;
  readonly job: JobSpec;
  /** While something is deployed: tasks with the worker of each subtask. */
  readonly tasks: readonly {
    readonly name: string;
    readonly operators: readonly string[];
    readonly parallelism: number;
    readonly workers: readonly string[];
    readonly keyGroups: { readonly version: number; readonly subtaskOf: readonly number[] };
  }[];
  readonly workers: readonly {
    readonly name: string;
    readonly role: string;
    readonly slots: number;
    readonly host: string;
    readonly port: number;
    readonly pid: number;
    readonly heardMs: number;
  }[];
  readonly latestCheckpoint: string | undefined;
  readonly checkpoints: readonly CheckpointRecord[];
  readonly checkpointCounts: { readonly completed: number; readonly failed: number };
  readonly rescales: readonly RescaleReport[];
  readonly metrics: Readonly<Record<string, WorkerMetrics>>;
};

export function statusOf(
  execution: JobExecution,
  parts: ExecutionParts,
  metrics: MetricsBoard,
): CoordinatorStatus {
  const { state, run } = execution;
  const attempt = run?.attempt;
  const { options, workers, checkpoints, history, requests, restarts } = parts;
  return {
    name: options.name,
    state: state.is,
    failure: state.is === "failed" ? state.failure : undefined,
    savepoint: state.is === "stopped" ? state.savepoint : undefined,
    attempt: execution.attemptNumber,
    restarts: restarts.total,
    job: execution.configuration.job,
    tasks: (attempt?.tasks ?? []).map((task, index) => ({
      name: task.name,
      operators: task.operators,
      parallelism: task.parallelism,
      workers: attempt!.placement[index]!,
      keyGroups: task.assignment,
    })),
    workers: workers.all().map(({ name: worker, role, slots, host, port, pid, heardMs }) => ({
      name: worker,
      role,
      slots,
      host,
      port,
      pid,
      heardMs,
    })),
    latestCheckpoint: checkpoints.latest?.name,
    checkpoints: history.records,
    checkpointCounts: history.counts,
    rescales: requests.reports,
    metrics: metrics.byWorker(),
  };
}
