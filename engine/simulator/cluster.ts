/** A whole cluster in one thread: a coordinator, workers, a network, a store and disks, and what befalls them. */
import type { Store } from "../checkpoint/store.ts";
import type { CoordinatorEvent } from "../coordinator/coordinator-event.ts";
import { defaultRestart, defaultWorkers } from "../coordinator/coordinator-options.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { JobSpec } from "../runtime/messages.ts";
import type { Draws } from "./draws.ts";
import { EventQueue } from "./event-queue.ts";
import { type PlantedBug, Spoiler } from "./planted-bugs.ts";
import type { Random } from "./random.ts";
import { SimulatedCoordinator } from "./simulated-coordinator.ts";
import { SimulatedFiles } from "./simulated-files.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { SimulatedWorker, simulatedToken, type WorkerWorld } from "./simulated-worker.ts";
import { Trace } from "./trace.ts";

const startMs = 1_600_000_000_000;
/** A run that takes longer than this, or more events, is taken for one that does not end. */
const virtualMsMax = 120_000;
const eventsMax = 400_000;
/** What was killed starts again by then, and who waits for another has given up on it. */
const aftermathMs = 1000;

export type ClusterSetup = {
  readonly random: Random;
  readonly draws: Draws;
  readonly use: string;
  readonly plan: (job: JobSpec) => JobPlan;
  readonly bug: PlantedBug | undefined;
};

export class Cluster {
  readonly draws: Draws;
  readonly random: Random;
  readonly queue = new EventQueue(startMs);
  readonly trace = new Trace(() => this.queue.nowMs - startMs);
  readonly files = new SimulatedFiles();
  readonly store: SimulatedStore;
  readonly network: SimulatedNetwork;
  readonly coordinator: SimulatedCoordinator;
  readonly workers: SimulatedWorker[];
  readonly #job: JobSpec;
  #attemptAtMs = 0;
  #isToStart = false;
  #ended: string | undefined;
  #broken: unknown;

  constructor({ random, draws, use, plan, bug }: ClusterSetup) {
    this.draws = draws;
    this.random = random;
    const { queue, trace } = this;
    const { parallelism, maxParallelism } = draws;
    this.#job = { use, settings: {}, parallelism, maxParallelism, parallelismOf: {} };
    this.network = new SimulatedNetwork(queue, random, trace, draws.networkDelayMs);
    this.store = new SimulatedStore(queue, random, trace, {
      meanDelayMs: draws.storeDelayMs,
      errorRatio: draws.faults.storeErrorRatio,
      errorsUntilMs: startMs + draws.faultsUntilMs,
    });
    const broken = (error: unknown) => {
      this.#broken ??= error;
    };
    const storeFor = (isAlive: () => boolean): Store => this.store.seenBy(isAlive);
    this.coordinator = new SimulatedCoordinator({
      queue,
      trace,
      network: this.network,
      options: this.#options(plan),
      storeFor,
      onEvent: (event) => this.#onEvent(event),
      broken,
    });
    const world: WorkerWorld = {
      queue,
      random,
      trace,
      network: this.network,
      turnMs: draws.turnMs,
      plan,
      storeFor,
      filesFor: (worker, isAlive) => this.files.seenBy(worker, isAlive),
      workerNamed: (name) => this.workers.find((worker) => worker.name === name),
      reachCoordinator: (worker) => this.coordinator.connect(worker),
      broken,
      spoiler: new Spoiler(bug, random, queue),
    };
    this.workers = Array.from(
      { length: draws.workers },
      (_, index) => new SimulatedWorker(`w${index}`, draws.slots, world),
    );
  }

  get elapsedMs(): number {
    return this.queue.nowMs - startMs;
  }

  /** Whether faults are still allowed. */
  get isDisturbed(): boolean {
    return this.elapsedMs < this.draws.faultsUntilMs;
  }

  /** Until the job has ended; what it ended as. */
  run(): string {
    this.coordinator.start();
    for (const worker of this.workers) worker.start();
    for (let events = 0; this.#ended === undefined; events++) {
      if (this.#broken !== undefined) throw this.#broken;
      if (!this.queue.step()) throw new Error("nothing is going to happen, and the job has not ended");
      if (events > eventsMax || this.elapsedMs > virtualMsMax) {
        throw new Error(`the job has not ended after ${Math.round(this.elapsedMs)} ms and ${events} events`);
      }
    }
    return this.#ended;
  }

  #onEvent(event: CoordinatorEvent): void {
    if (event.event === "attempt") this.#attemptAtMs = this.elapsedMs;
    if (event.event === "checkpoint-failed" && this.#isCalm()) {
      this.#broken ??= new Error(
        `checkpoint ${event.checkpoint} failed though all was calm: ${event.because}`,
      );
    }
    if (event.event !== "ended") return;
    if (event.state === "stopped") this.#startFromSavepoint();
    else this.#ended = event.state;
  }

  /** Nothing has happened to this attempt: what is not done in time then, waits for what never comes. */
  #isCalm(): boolean {
    const { faults, faultsUntilMs, timeoutMs } = this.draws;
    // Slow networks and stores may take longer than the shortest patience.
    if (timeoutMs < 1000) return false;
    const isSpared = faults.kinds.length === 0 && faults.storeErrorRatio === 0;
    return isSpared || this.#attemptAtMs > faultsUntilMs + aftermathMs;
  }

  /** Who stops a job goes on with it later, at another parallelism, and once, though a coordinator that was killed tells it again. */
  #startFromSavepoint(): void {
    if (this.#isToStart) return;
    this.#isToStart = true;
    const { draws, random, queue, coordinator, trace } = this;
    const manifest = coordinator.core!.status().savepoint!;
    const parallelism = random.between(1, Math.min(4, draws.workers * draws.slots));
    queue.after(random.delayMs(20), () => {
      trace.line("user", `starts from ${manifest} at parallelism ${parallelism}`);
      this.#isToStart = false;
      coordinator.crash();
      coordinator.start({
        start: { from: "savepoint", manifest, allowDroppedState: false },
        job: { ...this.#job, parallelism },
      });
    });
  }

  #options(plan: (job: JobSpec) => JobPlan) {
    const { draws } = this;
    const { mode, intervalMs, timeoutMs, minPauseMs, keep } = draws;
    const { flushMs, batchRows, bufferBytes, alignmentMs } = draws;
    return {
      name: "job",
      job: this.#job,
      plan,
      start: { from: "takeover" as const },
      token: simulatedToken,
      runtime: {
        flushMs,
        batchRows,
        bufferBytes,
        mode,
        ...(alignmentMs === undefined ? {} : { alignmentMs }),
      },
      checkpoints: { intervalMs, timeoutMs, minPauseMs, tolerableFailures: 2, keep, mode },
      restart: { ...defaultRestart, attempts: 1000, initialBackoffMs: 5, maxBackoffMs: 100 },
      workers: { ...defaultWorkers, waitMs: 60_000, heartbeatMs: 10_000, deployMs: 5000, releaseMs: 5000 },
    };
  }
}
