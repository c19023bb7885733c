/** A worker process in the simulator: a worker core with simulated edges, which can crash and come back. */
import type { Store } from "../checkpoint/store.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { SinkFiles } from "../operators/operator.ts";
import type { FromWorker, JobSpec, ToWorker } from "../runtime/messages.ts";
import { WorkerCore } from "../runtime/worker-core.ts";
import { type Frame, FrameReader } from "../transport/frame-reader.ts";
import { protocolVersion, readHello } from "../transport/hello.ts";
import { FrameInLink } from "../transport/in-link.ts";
import type { ByteStreamEvents, Transport } from "../transport/link.ts";
import { FrameOutLink } from "../transport/out-link.ts";
import { copied } from "./copied.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Spoiler } from "./planted-bugs.ts";
import type { Random } from "./random.ts";
import { type End, type SimulatedNetwork, SimulatedStream } from "./simulated-network.ts";
import type { Trace } from "./trace.ts";

export const simulatedToken = "token";

/** What a worker finds outside of itself. */
export type WorkerWorld = {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly trace: Trace;
  readonly network: SimulatedNetwork;
  readonly turnMs: number;
  plan(job: JobSpec): JobPlan;
  storeFor(isAlive: () => boolean): Store;
  filesFor(worker: string, isAlive: () => boolean): SinkFiles;
  workerNamed(name: string): SimulatedWorker | undefined;
  /** The coordinator takes a connection, or there is none. */
  reachCoordinator(worker: SimulatedWorker): End<FromWorker> | undefined;
  /** Faults in our own code, which end the run. */
  broken(error: unknown): void;
  readonly spoiler: Spoiler;
};

const reconnectMs = 5;
/** Each look at the precise clock takes so long, so that time slices end. */
const lookMs = 0.01;

export class SimulatedWorker {
  readonly name: string;
  readonly slots: number;
  readonly #world: WorkerWorld;
  #process: WorkerProcess | undefined;

  constructor(name: string, slots: number, world: WorkerWorld) {
    this.name = name;
    this.slots = slots;
    this.#world = world;
  }

  get process(): WorkerProcess | undefined {
    return this.#process;
  }

  start(): void {
    if (this.#process !== undefined) return;
    this.#process = new WorkerProcess(this, this.#world);
    this.#process.reachCoordinator();
  }

  /** Killed: all its connections close, and it does nothing more. */
  crash(): void {
    this.#process?.die();
    this.#process = undefined;
  }
}

export class WorkerProcess {
  readonly #worker: SimulatedWorker;
  readonly #world: WorkerWorld;
  readonly #core: WorkerCore;
  readonly #connections = new Set<{ close(): void }>();
  #control: End<FromWorker> | undefined;
  #isAlive = true;
  #isTurnDue = false;
  #lookedMs = 0;
  #wakes = 0;
  #wakeMs = Infinity;

  constructor(worker: SimulatedWorker, world: WorkerWorld) {
    this.#worker = worker;
    this.#world = world;
    const isAlive = () => this.#isAlive;
    this.#core = new WorkerCore(
      { name: worker.name },
      {
        nowMs: () => world.queue.nowMs,
        preciseMs: () => world.queue.nowMs + (this.#lookedMs += lookMs),
        send: (message) => this.#control?.send(world.spoiler.fromWorker(copied(message))),
        transport: this.#transport(),
        store: this.#followed(world.storeFor(isAlive)),
        files: world.filesFor(worker.name, isAlive),
        plan: (job) => world.plan(job),
        wantTurn: () => this.#wantTurn(),
      },
    );
  }

  die(): void {
    this.#isAlive = false;
    this.#control?.close();
    for (const connection of this.#connections) connection.close();
  }

  reachCoordinator(): void {
    if (!this.#isAlive || this.#control !== undefined) return;
    const { queue } = this.#world;
    this.#control = this.#world.reachCoordinator(this.#worker);
    if (this.#control === undefined) {
      queue.after(reconnectMs, () => this.reachCoordinator());
      return;
    }
    const { name, slots } = this.#worker;
    const hello = { worker: name, token: simulatedToken, slots, role: "worker", host: name, port: 1, pid: 1 };
    this.#control.send({ is: "hello", ...hello });
  }

  fromCoordinator(message: ToWorker): void {
    this.#world.spoiler.toWorker(message, (spoiled) => this.#enter(() => this.#core.onMessage(spoiled)));
  }

  lostCoordinator(): void {
    if (!this.#isAlive) return;
    this.#control = undefined;
    this.#enter(() => this.#core.onDisconnected());
    this.#world.queue.after(reconnectMs, () => this.reachCoordinator());
  }

  /** Of another worker that connects: its end is `down`. */
  accept(stream: SimulatedStream): ByteStreamEvents {
    let events: ByteStreamEvents;
    const onHello = (frame: Frame): void => {
      const hello = readHello(frame);
      const accepted = this.#core.accept(hello.worker, hello.attempt);
      if (accepted === undefined) {
        reader.stop();
        stream.destroy();
        return;
      }
      const spoiled = this.#world.spoiler.accepted(accepted, (what) => this.#enter(what));
      events = new FrameInLink({ stream, accepted: spoiled, nowMs: () => this.#world.queue.nowMs, reader });
    };
    const reader = new FrameReader(onHello);
    events = { onBytes: (bytes) => reader.push(bytes), onClosed: () => {} };
    return {
      onBytes: (bytes) => this.#enter(() => events.onBytes(bytes)),
      onClosed: (error) => this.#enter(() => events.onClosed(error)),
    };
  }

  #transport(): Transport {
    return {
      connect: (peer, attempt, channels, events) => {
        const { network, queue } = this.#world;
        const stream = new SimulatedStream();
        const there = this.#world.workerNamed(peer.worker)?.process;
        const theirs = new SimulatedStream();
        let theirEvents: ByteStreamEvents | undefined;
        let link: FrameOutLink | undefined;
        const ends = network.connect<Uint8Array, Uint8Array>(
          {
            onMessage: (bytes) => this.#enter(() => link!.onBytes(bytes)),
            onClosed: (error) => this.#enter(() => link!.onClosed(error)),
          },
          {
            onMessage: (bytes) => theirEvents?.onBytes(bytes),
            onClosed: (error) => theirEvents?.onClosed(error),
          },
        );
        stream.connection = ends.up;
        theirs.connection = ends.down;
        this.#connections.add(ends.up);
        // A process that is not there refuses; one that is there may be gone when the first bytes arrive.
        if (there === undefined) queue.after(0.1, () => ends.down.close());
        else {
          there.#connections.add(ends.down);
          theirEvents = there.accept(theirs);
        }
        const hello = { version: protocolVersion, token: simulatedToken, worker: this.#worker.name, attempt };
        link = new FrameOutLink({ stream, hello, channels, events, isNarrow: () => false });
        return link;
      },
    };
  }

  #followed(store: Store): Store {
    const following =
      <Value>(done: (error: Error | undefined, value: Value) => void) =>
      (error: Error | undefined, value: Value) =>
        this.#enter(() => done(error, value));
    return {
      name: store.name,
      put: (name, bytes, done) => store.put(name, bytes, following(done)),
      get: (name, done) => store.get(name, following(done)),
      remove: (name, done) => store.remove(name, following(done)),
      list: (prefix, done) => store.list(prefix, following(done)),
    };
  }

  /** Something from outside: afterwards the core gets a turn. */
  #enter(what: () => void): void {
    if (!this.#isAlive) return;
    try {
      what();
    } catch (error) {
      this.#world.broken(error);
    }
    this.#wantTurn();
  }

  #wantTurn(): void {
    if (this.#isTurnDue || !this.#isAlive) return;
    this.#isTurnDue = true;
    this.#world.queue.after(this.#world.random.delayMs(this.#world.turnMs), () => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    if (!this.#isAlive) return;
    this.#lookedMs = 0;
    try {
      const slice = this.#world.random.pick([0.05, 0.2, 1]);
      if (this.#core.step(this.#world.queue.nowMs + slice)) this.#wantTurn();
    } catch (error) {
      this.#world.broken(error);
    }
    this.#armWake();
  }

  #armWake(): void {
    const atMs = this.#core.nextWakeMs();
    if (atMs === this.#wakeMs) return;
    this.#wakeMs = atMs;
    const wake = ++this.#wakes;
    if (atMs === Infinity) return;
    this.#world.queue.at(atMs, () => {
      if (wake !== this.#wakes) return;
      this.#wakeMs = Infinity;
      this.#wantTurn();
    });
  }
}
