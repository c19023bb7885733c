/** Rescales a job that runs under a load, and measures for how long its input stood still: as the coordinator tells it, and as records felt it. */
import type { RescaleReport } from "../coordinator/rescale.ts";
import { EngineError } from "../engine-error.ts";
import { Histogram, type HistogramJson } from "../metrics/histogram.ts";
import type { CheckpointMode } from "../runtime/messages.ts";
import { type RunningJob, type StoreKind, whileRunning } from "./running-job.ts";

export type RescaleSetting = {
  readonly from: number;
  readonly to: number;
  readonly mode: CheckpointMode;
  readonly store: StoreKind;
  readonly keys: number;
  readonly ratePerSecond: number;
  /** There and back counts as two. */
  readonly rounds: number;
  /** Before the first one, so that most keys have state. */
  readonly warmUpMs: number;
};

export type MeasuredRescale = {
  readonly from: number;
  readonly to: number;
  readonly savepointMs: number;
  readonly stopMs: number;
  readonly deployMs: number;
  readonly standStillMs: number;
  /** From when a record was due until it had come to the sink: the longest of all that came after the rescale. */
  readonly longestWaitMs: number;
  /** The same in the middle of those before it. */
  readonly usualWaitMs: number;
  /** With state, when it began. */
  readonly keys: number;
  /** With worker processes that are started for it, until it was through. */
  readonly requestMs: number;
};

/** Figures come each second; the rows that waited longest come first. */
const settleMs = 2_500;

/** There and back by turns, in one run. */
export async function measureRescales(
  setting: RescaleSetting,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<MeasuredRescale[]> {
  const { from, to, mode, store, keys, ratePerSecond, rounds, warmUpMs } = setting;
  const settings = { keys, rate: `${ratePerSecond}/s`, sink: "latency" };
  return await whileRunning({ use: "map", settings, parallelism: from, store }, signal, async (job) => {
    await job.runFor(warmUpMs);
    const measured: MeasuredRescale[] = [];
    for (let round = 0; round < rounds; round++) {
      const [here, there] = round % 2 === 0 ? [from, to] : [to, from];
      progress(`${here} → ${there}, ${mode}, ${store}: ${round + 1} of ${rounds}`);
      const before = { waits: waits(job), keys: keyCount(job) };
      const askedMs = performance.now();
      const report = (await job.ask("/rescale", { parallelism: there, mode })) as RescaleReport;
      const requestMs = performance.now() - askedMs;
      if (report.outcome !== "done") {
        throw new EngineError(
          "bench-failed",
          `${here} → ${there} was ${report.outcome}: ${report.because}`,
          "",
        );
      }
      await job.runFor(settleMs);
      await job.until("heard from again", () => waits(job).count > 0);
      const { savepointMs, stopMs, deployMs, standStillMs } = report;
      measured.push({
        ...{ from: here, to: there, savepointMs, stopMs, deployMs, standStillMs },
        ...{ longestWaitMs: waits(job).maxMs, usualWaitMs: before.waits.percentile(0.5) },
        ...{ keys: before.keys, requestMs },
      });
    }
    return measured;
  });
}

/** Of all sinks, since the attempt began. */
function waits(job: RunningJob): Histogram {
  const all = new Histogram();
  for (const { subtasks } of Object.values(job.figures())) {
    for (const operator of subtasks.flatMap(({ operators }) => operators)) {
      const { latency } = operator.own as { latency?: HistogramJson };
      if (latency !== undefined) all.merge(Histogram.fromJson(latency));
    }
  }
  return all;
}

function keyCount(job: RunningJob): number {
  let sum = 0;
  for (const { subtasks } of Object.values(job.figures())) {
    for (const { id, stateKeys } of subtasks.flatMap(({ operators }) => operators)) {
      if (id === "map") sum += stateKeys;
    }
  }
  return sum;
}
