/** Sends messages to workers by name, over whatever connection each has at the moment. */
import type { ToWorker } from "../runtime/messages.ts";
import type { Workers } from "./workers.ts";

export class Messenger {
  readonly #workers: Workers;
  readonly #send: (connection: number, message: ToWorker) => void;

  constructor(workers: Workers, send: (connection: number, message: ToWorker) => void) {
    this.#workers = workers;
    this.#send = send;
  }

  /** Those that are gone are left out. */
  to(names: Iterable<string>, message: ToWorker): void {
    for (const name of names) {
      const worker = this.#workers.named(name);
      if (worker !== undefined) this.#send(worker.connection, message);
    }
  }

  toAll(message: ToWorker): void {
    for (const { connection } of this.#workers.all()) this.#send(connection, message);
  }
}
