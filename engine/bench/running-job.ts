/** A job on worker processes of this machine that runs while it is measured, in a folder of its own that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MinioServer, startMinioServer } from "../checkpoint/stores/minio-server.ts";
import { EngineError } from "../engine-error.ts";
import type { JobConfig } from "../processes/coordinator-config.ts";
import { type LocalCluster, startLocalCluster } from "../processes/local-cluster.ts";
import type { WorkerFigures } from "../runtime/worker-metrics.ts";

export type StoreKind = "folder" | "minio";

export type MeasuredJob = {
  readonly use: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly parallelism: number;
  readonly parallelismOf?: Readonly<Record<string, number>>;
  /** A server of its own, for `minio`. */
  readonly store: StoreKind;
  readonly checkpoints?: JobConfig["checkpoints"];
  readonly runtime?: JobConfig["runtime"];
};

export type ProcessFigures = { readonly rssBytes: number; readonly cpuMs: number };
export type NewestFigures = WorkerFigures & { readonly process: ProcessFigures };

const patienceMs = 60_000;
const lookEveryMs = 20;

export class RunningJob {
  readonly cluster: LocalCluster;
  private readonly signal: AbortSignal;

  constructor(cluster: LocalCluster, signal: AbortSignal) {
    this.cluster = cluster;
    this.signal = signal;
  }

  /** Less than nothing is nothing. */
  async runFor(ms: number): Promise<void> {
    await sleep(Math.max(0, ms), undefined, { signal: this.signal });
  }

  /** Waits until it holds; a job that has failed meanwhile is told as such. */
  async until(what: string, holds: () => boolean, withinMs = patienceMs): Promise<void> {
    const deadlineMs = performance.now() + withinMs;
    while (!holds()) {
      const { state, failure } = this.cluster.coordinator.status();
      if (state === "failed")
        throw new EngineError("bench-failed", `the job failed: ${failure?.message}`, "");
      if (performance.now() > deadlineMs) {
        throw new EngineError("bench-failed", `after ${withinMs / 1000} s still not ${what}`, "");
      }
      await this.runFor(lookEveryMs);
    }
  }

  /** By worker: the newest that it said of the attempt that runs now, if it has. */
  figures(): Readonly<Record<string, NewestFigures>> {
    const { metrics, attempt } = this.cluster.coordinator.status();
    const current = Object.entries(metrics).filter(([, newest]) => newest.attempt === attempt);
    return Object.fromEntries(current.map(([worker, newest]) => [worker, newest.metrics as NewestFigures]));
  }

  /** As anybody would ask for it. */
  async ask(path: string, body: unknown): Promise<unknown> {
    const url = `http://127.0.0.1:${this.cluster.coordinator.apiPort}${path}`;
    const headers = { Authorization: `Bearer ${this.cluster.token}` };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw new EngineError("bench-failed", `${path}: ${response.status} ${JSON.stringify(answer)}`, "");
  }
}

/** Leaves nothing behind, whatever `measure` does, and when `signal` stops it. */
export async function whileRunning<Result>(
  { use, settings, parallelism, parallelismOf = {}, store, checkpoints, runtime }: MeasuredJob,
  signal: AbortSignal,
  measure: (job: RunningJob) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "brume-bench-"));
  let minio: MinioServer | undefined;
  let cluster: LocalCluster | undefined;
  try {
    if (store === "minio") minio = await startMinioServer({ folder: join(folder, "minio") });
    cluster = await startLocalCluster({
      name: "bench",
      job: { use, settings, parallelism, maxParallelism: 128, parallelismOf },
      store: minio === undefined ? `folder:${join(folder, "store")}` : "minio:bench",
      start: { from: "empty" },
      ...(checkpoints === undefined ? {} : { checkpoints }),
      ...(runtime === undefined ? {} : { runtime }),
      apiPort: 0,
      environment: { ...process.env, ...minio?.environment },
      onEvent: () => undefined,
      onLine: () => undefined,
    });
    const job = new RunningJob(cluster, signal);
    await job.until("running", () => cluster?.coordinator.status().state === "running");
    return await measure(job);
  } finally {
    await cluster?.end();
    await minio?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
