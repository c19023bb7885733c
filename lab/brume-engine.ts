/** Our own engine on a lab, behind the interface that every engine satisfies. */
import type { CheckpointRecord } from "#engine/coordinator/checkpoint-history.ts";
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { RescaleReport, RescaleRequest } from "#engine/coordinator/rescale.ts";
import { defaultMaxParallelism } from "#engine/dataflow/planner.ts";
import type { Engine, EngineCheckpoint, EngineMetrics, EngineRescale } from "#engine/engine.ts";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import type { JobSpec } from "#engine/runtime/messages.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { UserError } from "#testbed/user-error.ts";
import { callApi } from "./brume-engine-api.ts";
import { engineSubtasks } from "./brume-engine-figures.ts";
import { type EngineOnLab, startEngineOnLab } from "./engine-on-lab.ts";
import type { EnginePlan } from "./experiment/experiment.ts";

export type BrumeEngineOptions = {
  /** In the store. */
  readonly name: string;
  readonly job: { readonly use: string; readonly settings: Readonly<Record<string, string>> };
  /** Where the scaled operator begins. */
  readonly first: EngineRescale;
  readonly engine: EnginePlan;
  /** As in `openStore`, and what it needs of the environment. */
  readonly store: string;
  readonly storeEnvironment?: Readonly<Record<string, string>>;
  onEvent(event: CoordinatorEvent, atMs: number): void;
  onLine(line: string): void;
};

export type BrumeEngine = Engine & { readonly onLab: EngineOnLab };

/** Its sources wait for the first load. */
export async function startBrumeEngine(lab: Lab, options: BrumeEngineOptions): Promise<BrumeEngine> {
  const { name, engine, store, storeEnvironment, first, onEvent, onLine } = options;
  const { everyMs, mode } = engine.checkpoints;
  const job = await jobSpec(lab, options);
  const onLab = await startEngineOnLab(lab, {
    ...{ name, job, store, onEvent, onLine },
    ...(storeEnvironment === undefined ? {} : { environment: storeEnvironment }),
    start: { from: "empty" },
    first: wanted(first),
    checkpoints: { intervalMs: everyMs === 0 ? null : everyMs, mode },
    runtime: { bufferBytes: engine.bufferBytes, batchRows: engine.batchRows, flushMs: engine.flushMs },
    apiPort: 0,
  });
  return engineOf(onLab);
}

/** Sources run on every node of role `generator`; all else follows the scaled operator. */
async function jobSpec(lab: Lab, { job, first }: BrumeEngineOptions): Promise<JobSpec> {
  const generators = lab.topology.nodes.filter(({ role }) => role === "generator").length;
  const settings = {
    ...job.settings,
    pacedBy: "load",
    sink: "latency",
    ...(generators > 0 ? { generators: "generator" } : {}),
  };
  const spec: JobSpec = {
    ...{ use: job.use, settings, parallelism: first.workers.length, maxParallelism: defaultMaxParallelism },
    parallelismOf: {},
  };
  const plan = (await loadPlanner(job.use))(spec);
  const sources = plan.tasks.flatMap(({ operators }) => operators).filter(({ make }) => "source" in make);
  return {
    ...spec,
    parallelismOf: Object.fromEntries(sources.map(({ id }) => [id, Math.max(1, generators)])),
  };
}

function engineOf(onLab: EngineOnLab): BrumeEngine {
  const { coordinator, token } = onLab;
  const api = { port: coordinator.apiPort, token };
  const over = coordinator.over.then(({ state, failure }) => {
    if (state !== "failed") return;
    throw new UserError("job-failed", `the job failed: ${failure?.message ?? "nobody knows why"}`, "");
  });
  over.catch(() => undefined);
  return {
    name: "brume",
    onLab,
    over,
    metrics: async () => metricsOf(coordinator.status(), Date.now()),
    load: async (load) => void (await callApi(api, "/load", load)),
    async rescale(request) {
      const body: RescaleRequest = { parallelism: request.workers.length, ...wanted(request) };
      const report = (await callApi(api, "/rescale", body)) as RescaleReport;
      const { outcome, because, savepointMs, standStillMs } = report;
      return { outcome, savepointMs, standStillMs, ...(because === undefined ? {} : { because }) };
    },
    savepoint: async () => savepointOf(await callApi(api, "/savepoints", {})),
    async stop() {
      const savepoint = savepointOf(await callApi(api, "/stop", {}));
      await onLab.end();
      return savepoint;
    },
    end: () => onLab.end(),
  };
}

const savepointOf = (answer: unknown): string => (answer as { savepoint: string }).savepoint;

const wanted = ({ operator, workers, shares }: EngineRescale) => ({
  placement: { [operator]: workers },
  weights: { [operator]: shares },
});

function metricsOf(status: CoordinatorStatus, atMs: number): EngineMetrics {
  const { state, attempt, restarts, tasks, checkpoints } = status;
  const placed = tasks.flatMap(({ operators, workers, keyGroups: { subtaskOf } }) => {
    const held = workers.map((_, subtask) => subtaskOf.filter((owner) => owner === subtask).length);
    const shares = held.map((count) => count / subtaskOf.length);
    return operators.map((operator) => [operator, { workers, shares }] as const);
  });
  return {
    ...{ atMs, state, attempt, restarts },
    subtasks: engineSubtasks(status),
    placement: Object.fromEntries(placed),
    checkpoints: checkpoints.map(checkpointOf),
  };
}

function checkpointOf(record: CheckpointRecord): EngineCheckpoint {
  const { checkpoint, kind, startedMs, durationMs, alignmentMs, bytes, failed } = record;
  return {
    ...{ checkpoint, kind, durationMs, alignmentMs },
    outcome: failed === undefined ? "completed" : "failed",
    ...(failed === undefined ? {} : { because: failed }),
    triggeredAtMs: startedMs,
    bytes: bytes.full,
  };
}
