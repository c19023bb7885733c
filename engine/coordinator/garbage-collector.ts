/** Removes from the store what no retained checkpoint refers to. What fails is tried again after the next checkpoint. */
import { checkpointsOf, savepointsOf } from "../checkpoint/names.ts";
import { garbage } from "../checkpoint/retention.ts";
import type { Store } from "../checkpoint/store.ts";
import type { CompleteCheckpoint } from "./checkpointer.ts";

export class GarbageCollector {
  readonly #job: string;
  readonly #store: Store;
  readonly #removed: (count: number) => void;
  #busy = false;

  constructor(job: string, store: Store, removed: (count: number) => void) {
    this.#job = job;
    this.#store = store;
    this.#removed = removed;
  }

  /** Leaves out a round while the last one is still going on. */
  collect(retained: readonly CompleteCheckpoint[]): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#sweep(checkpointsOf(this.#job), retained, false, () =>
      this.#sweep(savepointsOf(this.#job), retained, true, () => {
        this.#busy = false;
      }),
    );
  }

  #sweep(
    parent: string,
    retained: readonly CompleteCheckpoint[],
    keepAllComplete: boolean,
    done: () => void,
  ): void {
    this.#store.list(parent, (error, names) => {
      if (error !== undefined) return done();
      const { manifests, blobs } = garbage(parent, names, retained, keepAllComplete);
      this.#removeAll(manifests, (allGone) => {
        if (!allGone) return done();
        this.#removeAll(blobs, () => {
          if (manifests.length + blobs.length > 0) this.#removed(manifests.length + blobs.length);
          done();
        });
      });
    });
  }

  #removeAll(names: readonly string[], done: (allGone: boolean) => void) {
    let left = names.length;
    let allGone = true;
    if (left === 0) return done(true);
    for (const name of names) {
      this.#store.remove(name, (error) => {
        if (error !== undefined) allGone = false;
        if (--left === 0) done(allGone);
      });
    }
  }
}
