/** The coordinator's process in the simulator: it can crash, and a new one goes on from what the store holds. */
import type { Store } from "../checkpoint/store.ts";
import { CoordinatorCore } from "../coordinator/coordinator-core.ts";
import type { CoordinatorEvent } from "../coordinator/coordinator-event.ts";
import type { CoordinatorOptions } from "../coordinator/coordinator-options.ts";
import type { FromWorker, ToWorker } from "../runtime/messages.ts";
import { copied } from "./copied.ts";
import type { EventQueue } from "./event-queue.ts";
import type { End, SimulatedNetwork } from "./simulated-network.ts";
import type { SimulatedWorker } from "./simulated-worker.ts";
import type { Trace } from "./trace.ts";

export type CoordinatorWorld = {
  readonly queue: EventQueue;
  readonly trace: Trace;
  readonly network: SimulatedNetwork;
  readonly options: CoordinatorOptions;
  storeFor(isAlive: () => boolean): Store;
  onEvent(event: CoordinatorEvent): void;
  broken(error: unknown): void;
};

export class SimulatedCoordinator {
  readonly #world: CoordinatorWorld;
  readonly #ends = new Map<number, End<ToWorker>>();
  #connections = 0;
  #core: CoordinatorCore | undefined;
  #wakes = 0;

  constructor(world: CoordinatorWorld) {
    this.#world = world;
  }

  get core(): CoordinatorCore | undefined {
    return this.#core;
  }

  /** Goes on where the store says that the job stands, unless it is told to start otherwise. */
  start(otherwise: Partial<CoordinatorOptions> = {}): void {
    const { queue, broken, onEvent } = this.#world;
    const options = { ...this.#world.options, ...otherwise };
    let core: CoordinatorCore | undefined;
    const isAlive = () => core === this.#core;
    core = new CoordinatorCore(options, this.#world.storeFor(isAlive), {
      nowMs: () => queue.nowMs,
      send: (connection, message) => this.#ends.get(connection)?.send(copied(message)),
      close: (connection) => this.#close(connection),
      log: (event) => {
        this.#world.trace.line("coordinator", JSON.stringify(event));
        onEvent(event);
      },
      wakeAt: (atMs) => {
        const wake = ++this.#wakes;
        if (atMs === Infinity) return;
        queue.at(atMs, () => {
          if (wake === this.#wakes && isAlive()) this.#enter(() => this.#core?.onTime());
        });
      },
    });
    this.#core = core;
    try {
      core.begin();
    } catch (error) {
      broken(error);
    }
  }

  crash(): void {
    this.#core = undefined;
    this.#wakes++;
    for (const connection of [...this.#ends.keys()]) this.#close(connection);
  }

  /** A worker connects; undefined when nobody listens. */
  connect(worker: SimulatedWorker): End<FromWorker> | undefined {
    const core = this.#core;
    const process = worker.process;
    if (core === undefined || process === undefined) return undefined;
    const connection = ++this.#connections;
    const { up, down } = this.#world.network.connect<FromWorker, ToWorker>(
      {
        onMessage: (message) => this.#enter(() => this.#core?.onMessage(connection, message)),
        onClosed: () => {
          this.#ends.delete(connection);
          this.#enter(() => this.#core?.onClosed(connection));
        },
      },
      { onMessage: (message) => process.fromCoordinator(message), onClosed: () => process.lostCoordinator() },
    );
    this.#ends.set(connection, up);
    return down;
  }

  #close(connection: number): void {
    this.#ends.get(connection)?.close();
    this.#ends.delete(connection);
  }

  #enter(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#world.broken(error);
    }
  }
}
