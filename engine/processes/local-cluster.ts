/** A job on this machine alone: the coordinator in this process, workers beside it, nothing that could be reached from outside. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, probe } from "../checkpoint/stores/open-store.ts";
import type { CoordinatorEvent } from "../coordinator/coordinator-event.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import { coordinatorOptions, type JobConfig } from "./coordinator-config.ts";
import { type RunningCoordinator, startCoordinator } from "./coordinator-process.ts";
import { loadPlanner, type Planner } from "./job-planner.ts";
import { LocalWorkers } from "./local-workers.ts";

export type LocalClusterOptions = JobConfig & {
  readonly store: string;
  /** 0: any that is free. */
  readonly apiPort: number;
  readonly environment: NodeJS.ProcessEnv;
  onEvent(event: CoordinatorEvent, atMs: number): void;
  /** What workers print, and what becomes of them. */
  onLine(line: string): void;
};

export type LocalCluster = {
  readonly coordinator: RunningCoordinator;
  readonly token: string;
  workerPids(): Readonly<Record<string, number>>;
  /** Makes sure that there are so many. */
  growWorkers(count: number): void;
  /** Leaves no process behind. The job's checkpoints stay in the store. */
  end(): Promise<void>;
};

const loopback = "127.0.0.1";
const joinMs = 10_000;

export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { job, environment } = options;
  const plan = withoutRoles(await loadPlanner(job.use));
  // Mistakes in the job or its settings are told before anything is started.
  const first = plan(job);
  const store = await openStore(options.store, environment);
  await probe(store);
  const token = randomBytes(24).toString("base64url");
  let workers: LocalWorkers | undefined;
  const coordinator = await startCoordinator({
    core: coordinatorOptions(options, plan, token),
    store,
    listen: { host: loopback, port: 0 },
    api: { host: loopback, port: options.apiPort },
    log(event, atMs) {
      options.onEvent(event, atMs);
      // A job that is resumed may be wider than what was asked for now.
      if (event.event === "moved" && event.to === "waiting-for-workers") setImmediate(growAsResumed);
    },
    beforeRescale: async (after) => {
      const count = widest(after);
      workers?.grow(count, job.use);
      await joined(coordinator, count);
    },
  });
  const growAsResumed = () => workers?.grow(widest(plan(coordinator.status().job)));
  workers = new LocalWorkers({
    coordinator: { host: loopback, port: coordinator.controlPort },
    token,
    store: options.store,
    slots: 1,
    environment,
    log: options.onLine,
  });
  workers.grow(widest(first));
  return {
    coordinator,
    token,
    workerPids: () => workers.pids(),
    growWorkers: (count) => workers.grow(count),
    async end() {
      await coordinator.close({ shutDownWorkers: true });
      await workers.end();
    },
  };
}

/** A slot holds a subtask of each task, so the widest one says how many are needed. */
const widest = ({ tasks }: JobPlan): number => Math.max(...tasks.map(({ parallelism }) => parallelism));

/** One machine is all there is: what asks for nodes of some role runs here as well. */
function withoutRoles(plan: Planner): Planner {
  return (job) => {
    const planned = plan(job);
    return { ...planned, tasks: planned.tasks.map(({ on: _, ...task }) => task) };
  };
}

/** They are started before the job stops for them; what is missing then, the coordinator waits for and says. */
async function joined(coordinator: RunningCoordinator, count: number): Promise<void> {
  const untilMs = performance.now() + joinMs;
  while (coordinator.status().workers.length < count && performance.now() < untilMs) await sleep(20);
}
