/**
 * The coordinator of one job. It does no I/O and has no clock of its own: workers' messages, closed connections, the
 * time and a store's answers come in; messages, log events and the time of the next wake-up go out.
 */
import type { Store } from "../checkpoint/store.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { CheckpointMode, FromWorker, ToWorker } from "../runtime/messages.ts";
import type { CoordinatorEvent } from "./coordinator-event.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import { type CoordinatorStatus, statusOf } from "./coordinator-status.ts";
import { ExecutionParts } from "./execution-parts.ts";
import { JobCommands } from "./job-commands.ts";
import { JobExecution } from "./job-execution.ts";
import type { LoadDone, LoadReport, LoadRequest } from "./job-load.ts";
import type { SavepointDone } from "./job-requests.ts";
import type { RescaleRequest } from "./rescale.ts";
import type { RescaleDone } from "./rescaling.ts";
import { MetricsBoard } from "./worker-metrics.ts";
import { type Worker, Workers } from "./workers.ts";

export type CoordinatorEffects = {
  nowMs(): number;
  send(connection: number, message: ToWorker): void;
  /** No `onClosed` is wanted for a connection that is closed from here. */
  close(connection: number): void;
  log(event: CoordinatorEvent): void;
  /** `onTime` is wanted then (Infinity: not at all); replaces what was said before. */
  wakeAt(atMs: number): void;
};

export class CoordinatorCore {
  readonly #options: CoordinatorOptions;
  readonly #effects: CoordinatorEffects;
  readonly #workers = new Workers();
  readonly #metrics = new MetricsBoard();
  readonly #parts: ExecutionParts;
  readonly #execution: JobExecution;
  readonly #commands: JobCommands;
  #wakeMs = Infinity;

  constructor(options: CoordinatorOptions, store: Store, effects: CoordinatorEffects) {
    this.#options = options;
    this.#effects = effects;
    this.#parts = new ExecutionParts(options, this.#followed(store), this.#workers, effects);
    this.#execution = new JobExecution(this.#parts);
    this.#commands = new JobCommands(this.#parts, this.#execution);
  }

  begin(): void {
    this.#execution.begin();
    this.#armWake();
  }

  onMessage(connection: number, message: FromWorker): void {
    if (message.is === "hello") this.#onHello(connection, message);
    else this.#onWorkerMessage(connection, message);
    this.#armWake();
  }

  onClosed(connection: number): void {
    const worker = this.#workers.on(connection);
    if (worker !== undefined) this.#lose(worker, "its connection closed");
    this.#armWake();
  }

  onTime(): void {
    const nowMs = this.#effects.nowMs();
    this.#wakeMs = Infinity;
    for (const worker of this.#workers.silentSince(nowMs - this.#options.workers.heartbeatMs)) {
      this.#effects.close(worker.connection);
      this.#lose(worker, `silent for ${nowMs - worker.heardMs} ms`);
    }
    this.#execution.onTime(nowMs);
    this.#armWake();
  }

  savepoint(mode: CheckpointMode, done: SavepointDone): void {
    this.#commands.savepoint(mode, done);
    this.#armWake();
  }

  stop(mode: CheckpointMode, done: SavepointDone): void {
    this.#commands.stop(mode, done);
    this.#armWake();
  }

  planAfter(request: RescaleRequest): JobPlan {
    return this.#commands.planAfter(request);
  }

  rescale(request: RescaleRequest, done: RescaleDone): void {
    this.#commands.rescale(request, done);
    this.#armWake();
  }

  load(request: LoadRequest, done: LoadDone): void {
    this.#commands.load(request, done);
    this.#armWake();
  }

  loadReport(): LoadReport {
    return this.#parts.load.report(this.#effects.nowMs());
  }

  cancel(): void {
    this.#execution.cancel();
    this.#armWake();
  }

  /** Tells all workers to end, when the job has. */
  shutDownWorkers(): void {
    this.#parts.messenger.toAll({ is: "shut-down" });
  }

  status(): CoordinatorStatus {
    return statusOf(this.#execution, this.#parts, this.#metrics);
  }

  #onHello(connection: number, hello: Extract<FromWorker, { is: "hello" }>) {
    const { worker: name, token, slots, role } = hello;
    if (token !== this.#options.token || !(Number.isInteger(slots) && slots > 0)) {
      const because = token === this.#options.token ? `it offers ${slots} slots` : "its token is wrong";
      this.#effects.log({ event: "worker-refused", worker: name, because });
      return this.#effects.close(connection);
    }
    const former = this.#workers.named(name);
    if (former !== undefined) {
      this.#effects.close(former.connection);
      this.#lose(former, "it connected anew");
    }
    this.#workers.add(connection, hello, this.#effects.nowMs());
    this.#effects.log({ event: "worker-joined", worker: name, slots, role });
    // What it may still be running is of an attempt that went on without it.
    this.#effects.send(connection, { is: "cancel", attempt: this.#execution.attemptNumber });
    this.#execution.deployIfSlots();
  }

  #onWorkerMessage(connection: number, message: Exclude<FromWorker, { is: "hello" }>) {
    const worker = this.#workers.on(connection);
    if (worker === undefined) return this.#effects.close(connection);
    worker.heardMs = this.#effects.nowMs();
    if (message.is === "metrics") {
      this.#metrics.put(worker.name, message);
      this.#parts.load.heard(message.metrics);
    } else this.#execution.onMessage(worker.name, message);
  }

  #lose(worker: Worker, because: string): void {
    this.#workers.remove(worker);
    this.#metrics.forget(worker.name);
    this.#effects.log({ event: "worker-lost", worker: worker.name, because });
    this.#execution.workerLost(worker.name, because);
  }

  /** After a store's answers the next wake-up may be another one. */
  #followed(store: Store): Store {
    const following =
      <Value>(done: (error: Error | undefined, value: Value) => void) =>
      (error: Error | undefined, value: Value) => {
        done(error, value);
        this.#armWake();
      };
    return {
      name: store.name,
      put: (name, bytes, done) => store.put(name, bytes, following(done)),
      get: (name, done) => store.get(name, following(done)),
      remove: (name, done) => store.remove(name, following(done)),
      list: (prefix, done) => store.list(prefix, following(done)),
    };
  }

  #armWake(): void {
    const heartbeatAtMs = this.#workers.oldestHeardMs() + this.#options.workers.heartbeatMs;
    const atMs = Math.min(heartbeatAtMs, this.#execution.nextWakeMs());
    if (atMs === this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#effects.wakeAt(atMs);
  }
}
