/** A store that knows what it was asked and has not answered: whoever takes its folder away waits for that first. */
import type { Answer, Store } from "../store.ts";

export class PendingStore implements Store {
  readonly name: string;
  readonly #store: Store;
  #pending = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(store: Store) {
    this.#store = store;
    this.name = store.name;
  }

  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void {
    this.#store.put(name, bytes, this.#counted(done));
  }

  get(name: string, done: Answer<Uint8Array>): void {
    this.#store.get(name, this.#counted(done));
  }

  remove(name: string, done: Answer<undefined>): void {
    this.#store.remove(name, this.#counted(done));
  }

  list(prefix: string, done: Answer<readonly string[]>): void {
    this.#store.list(prefix, this.#counted(done));
  }

  /** When all is answered, or after `mostMs`: a store that does not answer holds nobody up for ever. */
  async quiet(mostMs: number): Promise<void> {
    if (this.#pending === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(resolve, mostMs);
    await promise;
    clearTimeout(timer);
  }

  #counted<Value>(done: Answer<Value>): Answer<Value> {
    this.#pending += 1;
    return (error, value) => {
      this.#pending -= 1;
      // What is asked in answer to it counts as well.
      done(error, value);
      if (this.#pending > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }
}
