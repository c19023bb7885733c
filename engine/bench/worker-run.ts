/** What a worker takes of memory and processor: one without a job, and one that runs `map` under a load. */
import { type ProcessUsage, processUsage } from "./process-usage.ts";
import { type StoreKind, whileRunning } from "./running-job.ts";

export type WorkerSetting = {
  readonly keys: number;
  readonly ratePerSecond: number;
  readonly store: StoreKind;
  readonly checkpointEveryMs: number;
  readonly seconds: number;
};

export type WorkerUse = {
  readonly idle: ProcessUse;
  readonly busy: ProcessUse & { readonly keys: number; readonly checkpoints: number };
};

export type ProcessUse = {
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Of one processor. */
  readonly cpuShare: number;
};

/** What starting costs is not counted. */
const settleMs = 2_000;

/** Both live beside each other: the job has one slot, and takes one of two workers. */
export async function measureWorkers(setting: WorkerSetting, signal: AbortSignal): Promise<WorkerUse> {
  const { keys, ratePerSecond, store, checkpointEveryMs, seconds } = setting;
  const settings = { keys, rate: `${ratePerSecond}/s` };
  const checkpoints = { intervalMs: checkpointEveryMs };
  const measured = { use: "map", settings, parallelism: 1, store, checkpoints };
  return await whileRunning(measured, signal, async (job) => {
    const { cluster } = job;
    cluster.growWorkers(2);
    await job.until("joined by a second worker", () => cluster.coordinator.status().workers.length === 2);
    const busyWorkers = new Set(cluster.coordinator.status().tasks.flatMap(({ workers }) => workers));
    const pids = Object.entries(cluster.workerPids());
    const pidOf = (isBusy: boolean) => pids.find(([name]) => busyWorkers.has(name) === isBusy)![1];
    await job.runFor(settleMs);
    const before = { idle: processUsage(pidOf(false)), busy: processUsage(pidOf(true)) };
    await job.runFor(seconds * 1000);
    const after = { idle: processUsage(pidOf(false)), busy: processUsage(pidOf(true)) };
    const figures = Object.values(job.figures()).flatMap(({ subtasks }) => subtasks);
    const map = figures.flatMap(({ operators }) => operators).find(({ id }) => id === "map");
    return {
      idle: useOf(before.idle, after.idle, seconds),
      busy: {
        ...useOf(before.busy, after.busy, seconds),
        keys: map?.stateKeys ?? 0,
        checkpoints: cluster.coordinator.status().checkpointCounts.completed,
      },
    };
  });
}

function useOf(before: ProcessUsage, after: ProcessUsage, seconds: number): ProcessUse {
  const { rssBytes, peakRssBytes, cpuSeconds } = after;
  return { rssBytes, peakRssBytes, cpuShare: (cpuSeconds - before.cpuSeconds) / seconds };
}
