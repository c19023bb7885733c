/** What the HTTP API sees of the coordinator's core. */
import type { JobControl } from "../api/job-control.ts";
import type { CoordinatorCore } from "../coordinator/coordinator-core.ts";
import type { CoordinatorOptions } from "../coordinator/coordinator-options.ts";
import { planDocument } from "../dataflow/describe-plan.ts";
import type { JobPlan } from "../dataflow/plan.ts";

type Done<Value> = (error: Error | undefined, value: Value | undefined) => void;

export function jobControl(
  core: CoordinatorCore,
  options: CoordinatorOptions,
  /** Given what the job will be. */
  beforeRescale: (plan: JobPlan) => Promise<void> = async () => undefined,
): JobControl {
  const mode = options.checkpoints.mode;
  return {
    job() {
      const { name, state, failure, savepoint, attempt, restarts, job, latestCheckpoint } = core.status();
      return { name, state, failure, savepoint, attempt, restarts, job, latestCheckpoint, nowMs: Date.now() };
    },
    plan() {
      const { job, tasks } = core.status();
      return { ...planDocument(options.plan(job)), placed: tasks };
    },
    workers: () => ({ workers: core.status().workers }),
    checkpoints() {
      const { latestCheckpoint, checkpointCounts, checkpoints, rescales } = core.status();
      return { latestCheckpoint, counts: checkpointCounts, checkpoints, rescales };
    },
    metrics() {
      const { name, state, attempt, restarts, checkpointCounts, metrics } = core.status();
      const memory = process.memoryUsage.rss();
      const { completed, failed } = checkpointCounts;
      const coordinator = {
        attempt,
        restarts,
        checkpointsCompleted: completed,
        checkpointsFailed: failed,
        rssBytes: memory,
      };
      return { atMs: Date.now(), job: name, state, workers: metrics, coordinator };
    },
    savepoint: async (request) => ({
      savepoint: await answered<string>((done) => core.savepoint(request.mode ?? mode, done)),
    }),
    stop: async (request) => ({
      savepoint: await answered<string>((done) => core.stop(request.mode ?? mode, done)),
    }),
    async rescale(request) {
      // What is refused starts nothing.
      await beforeRescale(core.planAfter(request));
      return await answered((done) => core.rescale(request, done));
    },
    load: () => core.loadReport(),
    setLoad: (request) => answered((done) => core.load(request, done)),
    async cancel() {
      core.cancel();
    },
  };
}

function answered<Value>(ask: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error ? reject(error) : resolve(value as Value)));
  });
}
