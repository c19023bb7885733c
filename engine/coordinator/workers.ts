/** The workers that are connected, and when each was last heard. */
import type { FromWorker } from "../runtime/messages.ts";

export type Worker = {
  readonly name: string;
  readonly connection: number;
  readonly slots: number;
  readonly role: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly joinedMs: number;
  heardMs: number;
};

export class Workers {
  readonly #byName = new Map<string, Worker>();
  readonly #byConnection = new Map<number, Worker>();

  add(connection: number, hello: Extract<FromWorker, { is: "hello" }>, nowMs: number): Worker {
    const { worker: name, slots, role, host, port, pid } = hello;
    const worker = { name, connection, slots, role, host, port, pid, joinedMs: nowMs, heardMs: nowMs };
    this.#byName.set(name, worker);
    this.#byConnection.set(connection, worker);
    return worker;
  }

  remove(worker: Worker): void {
    this.#byConnection.delete(worker.connection);
    if (this.#byName.get(worker.name) === worker) this.#byName.delete(worker.name);
  }

  named(name: string): Worker | undefined {
    return this.#byName.get(name);
  }

  on(connection: number): Worker | undefined {
    return this.#byConnection.get(connection);
  }

  /** In the order of their names, so that the same workers always get the same subtasks. */
  all(): Worker[] {
    return [...this.#byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Those that have been silent since `sinceMs`. */
  silentSince(sinceMs: number): Worker[] {
    return this.all().filter((worker) => worker.heardMs <= sinceMs);
  }

  oldestHeardMs(): number {
    let oldestMs = Infinity;
    for (const { heardMs } of this.#byName.values()) oldestMs = Math.min(oldestMs, heardMs);
    return oldestMs;
  }
}
