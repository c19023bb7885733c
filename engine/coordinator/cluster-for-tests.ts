/** A coordinator with workers that only answer messages, on a clock that the test moves: for tests of the lifecycle. */
import type { Store } from "../checkpoint/store.ts";
import type { JobPlan, OperatorPlan } from "../dataflow/plan.ts";
import type { FromWorker, JobSpec, SubtaskId, ToWorker } from "../runtime/messages.ts";
import { EventQueue } from "../simulator/event-queue.ts";
import { CoordinatorCore } from "./coordinator-core.ts";
import type { CoordinatorEvent } from "./coordinator-event.ts";
import {
  type CoordinatorOptions,
  defaultCheckpoints,
  defaultRestart,
  defaultWorkers,
} from "./coordinator-options.ts";

export const jobForTests: JobSpec = {
  use: "test",
  settings: {},
  parallelism: 2,
  maxParallelism: 16,
  parallelismOf: {},
};

/** A source, and a keyed operator that also writes. */
export function planForTests(job: JobSpec): JobPlan {
  const operator = (id: string): OperatorPlan => ({
    id,
    name: id,
    inputs: [],
    outputs: {},
    make: { operator: () => ({ onBatch: () => {} }) },
    chained: [],
  });
  const task = (id: string) => ({
    name: id,
    parallelism: job.parallelismOf[id] ?? job.parallelism,
    operators: [operator(id)],
  });
  return {
    name: "test",
    maxParallelism: job.maxParallelism,
    tasks: [task("source"), task("count")],
    edges: [],
  };
}

/** Answers in a later turn of the queue. `failing` makes puts of names that contain it fail. */
export class StoreForTests implements Store {
  readonly name = "test store";
  readonly blobs = new Map<string, Uint8Array>();
  failing: string | undefined;
  readonly #queue: EventQueue;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  put(name: string, bytes: Uint8Array, done: (error: Error | undefined, value: undefined) => void): void {
    this.#queue.after(1, () => {
      if (this.failing !== undefined && name.includes(this.failing)) {
        return done(new Error(`no room for ${name}`), undefined);
      }
      this.blobs.set(name, bytes);
      done(undefined, undefined);
    });
  }

  get(name: string, done: (error: Error | undefined, value: Uint8Array) => void): void {
    this.#queue.after(1, () => {
      const bytes = this.blobs.get(name);
      if (bytes === undefined) done(new Error(`there is no ${name}`), new Uint8Array());
      else done(undefined, bytes);
    });
  }

  remove(name: string, done: (error: Error | undefined, value: undefined) => void): void {
    this.#queue.after(1, () => {
      this.blobs.delete(name);
      done(undefined, undefined);
    });
  }

  list(prefix: string, done: (error: Error | undefined, names: readonly string[]) => void): void {
    this.#queue.after(1, () =>
      done(undefined, [...this.blobs.keys()].filter((name) => name.startsWith(prefix)).sort()),
    );
  }
}

/** What the workers do with a message; `undefined` for nothing. */
export type Answering = (worker: string, message: ToWorker) => FromWorker[];

export class ClusterForTests {
  readonly queue: EventQueue;
  readonly store: StoreForTests;
  readonly core: CoordinatorCore;
  readonly events: CoordinatorEvent[] = [];
  readonly sent: { worker: string; message: ToWorker }[] = [];
  /** Replaced by tests that want workers to fail. */
  answering: Answering = (worker, message) => this.usual(worker, message);
  readonly #names = new Map<number, string>();
  #connections = 0;
  #wakes = 0;

  constructor(options: Partial<CoordinatorOptions> = {}, former?: ClusterForTests) {
    this.queue = new EventQueue(former?.queue.nowMs ?? 1_000_000);
    this.store = new StoreForTests(this.queue);
    for (const [name, bytes] of former?.store.blobs ?? []) this.store.blobs.set(name, bytes);
    this.core = new CoordinatorCore(
      {
        name: "job",
        job: jobForTests,
        plan: planForTests,
        start: { from: "resume" },
        token: "secret",
        runtime: {
          flushMs: 1,
          batchRows: 10,
          bufferBytes: 1000,
          mode: "aligned",
        },
        checkpoints: { ...defaultCheckpoints, intervalMs: 1000 },
        restart: defaultRestart,
        workers: { ...defaultWorkers, heartbeatMs: Infinity },
        ...options,
      },
      this.store,
      {
        nowMs: () => this.queue.nowMs,
        send: (connection, message) => this.#deliver(connection, message),
        close: (connection) => this.#names.delete(connection),
        log: (event) => this.events.push(event),
        wakeAt: (atMs) => this.#wakeAt(atMs),
      },
    );
    this.core.begin();
  }

  join(worker: string, slots = 1, role = "worker", token = "secret"): number {
    const connection = ++this.#connections;
    this.#names.set(connection, worker);
    this.core.onMessage(connection, {
      is: "hello",
      worker,
      token,
      slots,
      role,
      host: worker,
      port: 1,
      pid: connection,
    });
    return connection;
  }

  leave(connection: number): void {
    if (this.#names.delete(connection)) this.core.onClosed(connection);
  }

  isOpen(connection: number): boolean {
    return this.#names.has(connection);
  }

  say(worker: string, message: FromWorker): void {
    for (const [connection, name] of this.#names)
      if (name === worker) this.core.onMessage(connection, message);
  }

  /** Lets `ms` pass. */
  pass(ms: number): void {
    const untilMs = this.queue.nowMs + ms;
    let isThere = false;
    this.queue.at(untilMs, () => {
      isThere = true;
    });
    while (!isThere) this.queue.step();
  }

  /** The states that the job has been in, in order. */
  path(): string[] {
    return this.events.flatMap((event) => (event.event === "moved" ? [event.to] : []));
  }

  get state() {
    return this.core.status().state;
  }

  messages<Is extends ToWorker["is"]>(is: Is): Extract<ToWorker, { is: Is }>[] {
    return this.sent.flatMap(({ message }) =>
      message.is === is ? [message as Extract<ToWorker, { is: Is }>] : [],
    );
  }

  /** The subtasks that a worker has in the newest deployment. */
  subtasksOn(worker: string): SubtaskId[] {
    const { placement } = this.messages("deploy").at(-1)!.deployment;
    return placement.flatMap((workers, task) =>
      workers.flatMap((name, subtask) => (name === worker ? [{ task, subtask }] : [])),
    );
  }

  /** Deploys, acknowledges and cancels as it is told. */
  usual(worker: string, message: ToWorker): FromWorker[] {
    switch (message.is) {
      case "deploy":
        return [{ is: "deployed", attempt: message.deployment.attempt }];
      case "checkpoint": {
        const { attempt, checkpoint, folder } = message;
        return this.subtasksOn(worker).map((subtask) => ({
          is: "acknowledge",
          attempt,
          checkpoint,
          subtask,
          part: this.part(`${folder}/${subtask.task}-${subtask.subtask}`),
        }));
      }
      case "cancel":
        return [{ is: "cancelled", attempt: message.attempt }];
      default:
        return [];
    }
  }

  /** With a blob of this name, which is in the store from now on. */
  part(name: string) {
    this.store.blobs.set(name, new Uint8Array(1));
    return {
      format: 1,
      blobs: [{ name, length: 1 }],
      operators: [{ operator: "count", states: [], segments: [[0, 0, null, 0, 0, 1, 0]] }],
      inFlight: [],
      bytes: { full: 1, incremental: 1, inFlight: 0 },
    };
  }

  /** All subtasks say that they have ended. */
  endAll(): void {
    const { attempt, placement } = this.messages("deploy").at(-1)!.deployment;
    for (const worker of new Set(placement.flat())) {
      for (const subtask of this.subtasksOn(worker))
        this.say(worker, { is: "subtask-ended", attempt, subtask });
    }
  }

  #deliver(connection: number, message: ToWorker): void {
    const worker = this.#names.get(connection);
    if (worker === undefined) return;
    this.sent.push({ worker, message });
    this.queue.after(1, () => {
      for (const answer of this.answering(worker, message)) {
        if (this.#names.has(connection)) this.core.onMessage(connection, answer);
      }
    });
  }

  #wakeAt(atMs: number): void {
    const wake = ++this.#wakes;
    if (atMs === Infinity) return;
    this.queue.at(atMs, () => {
      if (wake === this.#wakes) this.core.onTime();
    });
  }
}
