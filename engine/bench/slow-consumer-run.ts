/**
 * Runs `map` with so much work for each record that its channels between two workers stay full, and watches queues and
 * memory: what a source that is held back sends must be bounded, for as long as it lasts.
 */
import { processUsage } from "./process-usage.ts";
import { type NewestFigures, type RunningJob, whileRunning } from "./running-job.ts";

export type SlowConsumerSetting = {
  readonly seconds: number;
  /** Of each record. */
  readonly work: string;
  readonly payload: string;
  readonly bufferBytes: number;
  readonly checkpointEveryMs: number;
};

/** Of a moment. */
export type Sample = {
  readonly atSeconds: number;
  readonly workers: readonly {
    readonly worker: string;
    readonly rssBytes: number;
    /** In its input queues and waiting for its output channels. */
    readonly queuedBytes: number;
  }[];
  readonly recordsIn: number;
};

export type SlowConsumer = {
  readonly samples: readonly Sample[];
  /** Over the whole run, of the sources' time: waiting for room. */
  readonly backpressuredShare: number;
  /** By worker: the most in the second half of the run against the most in the first half. */
  readonly growth: Readonly<Record<string, number>>;
  readonly queuedBytesMost: number;
  readonly checkpoints: number;
};

/** What starts, compiles and fills belongs to no half. */
const warmUpShare = 0.1;
const everyMs = 1000;

export async function measureSlowConsumer(
  setting: SlowConsumerSetting,
  signal: AbortSignal,
  onSample: (sample: Sample) => void,
): Promise<SlowConsumer> {
  const { seconds, work, payload, bufferBytes, checkpointEveryMs } = setting;
  const settings = { work, payload };
  const checkpoints = { intervalMs: checkpointEveryMs, mode: "unaligned" as const };
  const runtime = { bufferBytes };
  const measured = { use: "map", settings, parallelism: 2, store: "folder" as const, checkpoints, runtime };
  return await whileRunning(measured, signal, async (job) => {
    const samples: Sample[] = [];
    const startedMs = performance.now();
    for (let tick = 1; tick * everyMs <= seconds * 1000; tick++) {
      await job.runFor(startedMs + tick * everyMs - performance.now());
      const sample = sampleOf(job, (performance.now() - startedMs) / 1000);
      samples.push(sample);
      onSample(sample);
    }
    return {
      samples,
      backpressuredShare: backpressured(Object.values(job.figures())),
      growth: growthOf(samples, seconds),
      queuedBytesMost: Math.max(
        ...samples.flatMap(({ workers }) => workers.map(({ queuedBytes }) => queuedBytes)),
      ),
      checkpoints: job.cluster.coordinator.status().checkpointCounts.completed,
    };
  });
}

function sampleOf(job: RunningJob, atSeconds: number): Sample {
  const figures = job.figures();
  const workers = Object.entries(job.cluster.workerPids()).map(([worker, pid]) => ({
    worker,
    rssBytes: processUsage(pid).rssBytes,
    queuedBytes: figures[worker]?.queuedBytes ?? 0,
  }));
  const operators = Object.values(figures).flatMap(({ subtasks }) =>
    subtasks.flatMap((one) => one.operators),
  );
  const recordsIn = operators.reduce((sum, one) => sum + (one.id === "map" ? one.recordsIn : 0), 0);
  return { atSeconds, workers, recordsIn };
}

/** Sources are what has no records in. */
function backpressured(workers: readonly NewestFigures[]): number {
  const sources = workers
    .flatMap(({ subtasks }) => subtasks)
    .filter(({ operators }) => operators[0]?.recordsIn === 0);
  const sum = (of: (one: (typeof sources)[number]) => number) =>
    sources.reduce((total, one) => total + of(one), 0);
  return (
    sum(({ occupationMs }) => occupationMs.backpressured) /
    sum(({ occupationMs }) => Object.values(occupationMs).reduce((total, ms) => total + ms, 0))
  );
}

function growthOf(samples: readonly Sample[], seconds: number): Record<string, number> {
  const warm = samples.filter(({ atSeconds }) => atSeconds >= warmUpShare * seconds);
  const middle = (seconds * (1 + warmUpShare)) / 2;
  const most = new Map<string, { first: number; second: number }>();
  for (const { atSeconds, workers } of warm) {
    for (const { worker, rssBytes } of workers) {
      const of = most.get(worker) ?? { first: 0, second: 0 };
      if (atSeconds < middle) of.first = Math.max(of.first, rssBytes);
      else of.second = Math.max(of.second, rssBytes);
      most.set(worker, of);
    }
  }
  return Object.fromEntries([...most].map(([worker, { first, second }]) => [worker, second / first - 1]));
}
