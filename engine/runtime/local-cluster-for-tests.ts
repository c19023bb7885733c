/**
 * Workers in one thread, in virtual time, with a coordinator reduced to what a test needs: it deploys, starts and takes
 * checkpoints, and everything is driven by `turn`.
 */
import { encodeManifest } from "../checkpoint/manifest.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { SinkFiles } from "../operators/operator.ts";
import { evenAssignment } from "../state/assignment.ts";
import { DeferredEdges } from "./deferred-edges-for-tests.ts";
import type { CheckpointKind, CheckpointMode, Deployment, FromWorker, RuntimeSettings } from "./messages.ts";
import { WorkerCore } from "./worker-core.ts";
import type { WorkerFigures } from "./worker-metrics.ts";

export const settingsForTests: RuntimeSettings = {
  flushMs: 2,
  batchRows: 64,
  bufferBytes: 256 * 1024,
  mode: "aligned",
};

/** All of a job's run but the plan; `blobs` outlive a cluster. */
export type ClusterSettings = {
  readonly workers: number;
  /** By parallelism: the same job at another one is another plan. */
  readonly plan: () => JobPlan;
  readonly runtime?: Partial<RuntimeSettings>;
  readonly blobs?: Map<string, Uint8Array>;
  readonly restore?: string;
  readonly firstCheckpoint?: number;
  /** Of a worker's step; one round of its subtasks if left out. */
  readonly sliceMs?: number;
  /** Real, to measure; left out, each look at it takes a microsecond. */
  readonly preciseMs?: () => number;
  /** Of all sinks; none that keeps anything if left out. */
  readonly files?: SinkFiles;
  /** The worker of a subtask; in turns if left out. */
  readonly workerOf?: (task: number, subtask: number) => number;
};

export const noFiles: SinkFiles = {
  append() {},
  sync() {},
  publish() {},
  remove() {},
  list: () => [],
};

type Acknowledged = Extract<FromWorker, { is: "acknowledge" }>;

export class LocalCluster {
  readonly workers: readonly WorkerCore[];
  readonly messages: FromWorker[] = [];
  readonly blobs: Map<string, Uint8Array>;
  readonly plan: JobPlan;
  nowMs = 1_000_000;
  readonly #settings: ClusterSettings;
  readonly #deployment: Deployment;
  readonly #edges = new DeferredEdges();
  #checkpoint: number;
  #preciseMs = 0;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.blobs = settings.blobs ?? new Map();
    this.plan = settings.plan();
    this.#checkpoint = settings.firstCheckpoint ?? 1;
    this.#deployment = this.#deploymentOf(1);
    this.workers = Array.from({ length: settings.workers }, (_, at) => this.#worker(`w${at}`));
  }

  /** Deploys and starts; what the workers said to it is in `messages`. */
  start(attempt = 1): void {
    for (const worker of this.workers) {
      worker.onMessage({ is: "deploy", deployment: { ...this.#deployment, attempt } });
    }
    this.#edges.settle();
    const deployed = this.messages.filter(
      (message) => message.is === "deployed" && message.attempt === attempt,
    );
    if (deployed.length < this.workers.length) throw new Error(JSON.stringify(this.failures()));
    for (const worker of this.workers) worker.onMessage({ is: "start", attempt });
  }

  /** A step of each worker, or of these, and all that is on its way arrives. */
  turn(workers: readonly number[] = [...this.workers.keys()]): boolean {
    let worked = false;
    for (const at of workers) worked = this.#step(at) || worked;
    worked = this.#edges.isAnythingUnderWay || worked;
    this.#edges.settle();
    if (!worked) this.nowMs += 1;
    return worked;
  }

  /** Until that is so; `turnsMax` bounds the wait. */
  runUntil(isSo: () => boolean, turnsMax = 200_000): void {
    for (let turns = 0; !isSo(); turns++) {
      if (this.failures().length > 0) throw new Error(JSON.stringify(this.failures()));
      if (turns >= turnsMax) throw new Error(`not so after ${turnsMax} turns`);
      this.turn();
    }
  }

  get subtaskCount(): number {
    return this.plan.tasks.reduce((sum, { parallelism }) => sum + parallelism, 0);
  }

  runToEnd(): void {
    this.runUntil(
      () => this.messages.filter(({ is }) => is === "subtask-ended").length === this.subtaskCount,
    );
  }

  order(kind: CheckpointKind, mode: CheckpointMode): number {
    const checkpoint = this.#checkpoint++;
    const folder = `cp/${checkpoint}`;
    const order = {
      is: "checkpoint",
      attempt: 1,
      checkpoint,
      mode,
      kind,
      folder,
      incremental: true,
    } as const;
    for (const worker of this.workers) worker.onMessage(order);
    return checkpoint;
  }

  /** Takes a checkpoint to its end, and returns the name of its manifest. */
  takeCheckpoint(kind: CheckpointKind, mode: CheckpointMode): string {
    const checkpoint = this.order(kind, mode);
    this.runUntil(() => this.#acknowledged(checkpoint).length === this.subtaskCount);
    return this.complete(checkpoint, kind, mode);
  }

  complete(checkpoint: number, kind: CheckpointKind, mode: CheckpointMode): string {
    const name = `cp/${checkpoint}/manifest.json`;
    const { job, assignments } = this.#deployment;
    const bytes = encodeManifest({
      ...{ name: "job", job, checkpoint, attempt: 1, kind, mode, startedMs: 0, completedMs: 0 },
      tasks: this.plan.tasks.map(({ name: task, parallelism, operators }, at) => ({
        ...{ name: task, parallelism, operators: operators.map(({ id }) => id) },
        assignment: assignments[at]!,
      })),
      parts: this.#acknowledged(checkpoint).map(({ subtask, part }) => ({ ...subtask, part })),
    });
    this.blobs.set(name, bytes);
    for (const worker of this.workers)
      worker.onMessage({ is: "checkpoint-complete", attempt: 1, checkpoint });
    return name;
  }

  failures(): FromWorker[] {
    return this.messages.filter(
      ({ is }) => is === "subtask-failed" || is === "deploy-failed" || is === "checkpoint-declined",
    );
  }

  /** The newest figures of a worker, after the time for some has come. */
  figures(at: number): WorkerFigures {
    const before = this.messages.length;
    this.nowMs += 1000;
    this.#step(at);
    const found = this.messages.slice(before).find(({ is }) => is === "metrics");
    return (found as Extract<FromWorker, { is: "metrics" }>).metrics as WorkerFigures;
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }

  #step(at: number): boolean {
    return this.workers[at]!.step(this.#lookAtPreciseMs() + (this.#settings.sliceMs ?? 0));
  }

  #lookAtPreciseMs(): number {
    return this.#settings.preciseMs?.() ?? (this.#preciseMs += 0.001);
  }

  #acknowledged(checkpoint: number): Acknowledged[] {
    return this.messages.filter(
      (message): message is Acknowledged => message.is === "acknowledge" && message.checkpoint === checkpoint,
    );
  }

  #deploymentOf(attempt: number): Deployment {
    const { workers, runtime, restore, workerOf } = this.#settings;
    const { maxParallelism, tasks } = this.plan;
    let next = 0;
    const parallelism = Math.max(...tasks.map((task) => task.parallelism));
    return {
      attempt,
      job: { use: "test", settings: {}, parallelism, maxParallelism, parallelismOf: {} },
      placement: tasks.map((task, at) =>
        Array.from(
          { length: task.parallelism },
          (_, subtask) => `w${workerOf ? workerOf(at, subtask) : next++ % workers}`,
        ),
      ),
      assignments: tasks.map((task) => {
        const { version, subtaskOf } = evenAssignment(maxParallelism, task.parallelism);
        return { version, subtaskOf: [...subtaskOf] };
      }),
      peers: Object.fromEntries(
        Array.from({ length: workers }, (_, at) => [`w${at}`, { host: "", port: 1 }]),
      ),
      settings: { ...settingsForTests, ...runtime },
      ...(restore === undefined ? {} : { restore }),
    };
  }

  #worker(name: string): WorkerCore {
    const workerNamed = (peer: string) => this.workers[Number(peer.slice(1))]!;
    return new WorkerCore(
      { name },
      {
        nowMs: () => this.nowMs,
        preciseMs: () => this.#lookAtPreciseMs(),
        send: (message) => this.messages.push(JSON.parse(JSON.stringify(message))),
        transport: this.#edges.transport(name, workerNamed, () => this.nowMs),
        store: this.#edges.store(this.blobs),
        files: this.#settings.files ?? noFiles,
        plan: () => this.plan,
        wantTurn: () => {},
      },
    );
  }
}
