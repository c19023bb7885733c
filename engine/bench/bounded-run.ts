/** Runs a bounded job on worker processes of this machine and measures it, from its start to the end of its input. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineError } from "../engine-error.ts";
import { type LocalCluster, startLocalCluster } from "../processes/local-cluster.ts";
import type { RuntimeSettings } from "../runtime/messages.ts";
import { type ProcessUsage, processUsage } from "./process-usage.ts";

export type BoundedRun = {
  readonly seconds: number;
  /** Of all workers; what they used before the job ran, to start, is not in it. */
  readonly cpuSeconds: number;
  /** Of the worker that had most. */
  readonly peakRssBytes: number;
};

type Moment = { readonly atMs: number; readonly usage: readonly ProcessUsage[] };

/** Checkpoints are off; the workers' exchange goes over TCP. */
export async function runBounded(
  use: string,
  settings: Readonly<Record<string, unknown>>,
  parallelism: number,
  runtime: Partial<RuntimeSettings>,
  signal: AbortSignal,
): Promise<BoundedRun> {
  const folder = mkdtempSync(join(tmpdir(), "brume-bench-"));
  let cluster: LocalCluster | undefined;
  let running: Moment | undefined;
  let ended: Moment | undefined;
  const now = (): Moment => ({
    atMs: performance.now(),
    usage: Object.values(cluster!.workerPids()).map(processUsage),
  });
  try {
    cluster = await startLocalCluster({
      name: "bench",
      job: { use, settings, parallelism, maxParallelism: 128, parallelismOf: {} },
      store: `folder:${folder}`,
      start: { from: "empty" },
      checkpoints: { intervalMs: Number.POSITIVE_INFINITY },
      runtime,
      apiPort: 0,
      environment: process.env,
      onEvent(event) {
        if (event.event !== "moved") return;
        if (event.to === "running") running = now();
        if (event.to === "finishing") ended = now();
      },
      onLine: () => undefined,
    });
    const { state, failure } = await Promise.race([cluster.coordinator.over, aborted(signal)]);
    if (state !== "finished" || !running || !ended) {
      throw new EngineError(
        "bench-failed",
        `job ${use} is ${state}: ${failure?.message ?? "no reason given"}`,
        "",
      );
    }
    const sum = (moment: Moment) => moment.usage.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
    return {
      seconds: (ended.atMs - running.atMs) / 1000,
      cpuSeconds: sum(ended) - sum(running),
      peakRssBytes: Math.max(...ended.usage.map(({ peakRssBytes }) => peakRssBytes)),
    };
  } finally {
    await cluster?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Never comes to be but by failing. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
