/** The checkpoints that a restart can start from, how many are kept, and the removal of all others. */
import { savepointsOf } from "../checkpoint/names.ts";
import type { Store } from "../checkpoint/store.ts";
import type { CompleteCheckpoint } from "./checkpointer.ts";
import { GarbageCollector } from "./garbage-collector.ts";

export class CompletedCheckpoints {
  readonly #job: string;
  readonly #keep: number;
  readonly #collector: GarbageCollector;
  #latest: CompleteCheckpoint | undefined;
  #retained: CompleteCheckpoint[] = [];
  #lastNumber = 0;

  constructor(job: string, keep: number, store: Store, removed: (count: number) => void) {
    this.#job = job;
    this.#keep = Math.max(1, keep);
    this.#collector = new GarbageCollector(job, store, removed);
  }

  /** What the next attempt starts from; undefined for nothing. */
  get latest(): CompleteCheckpoint | undefined {
    return this.#latest;
  }

  /** Rises for ever: a number that is found in the store is never given again. */
  readonly takeNumber = (): number => ++this.#lastNumber;

  recovered(latest: CompleteCheckpoint | undefined, lastNumber: number): void {
    this.#latest = latest;
    this.#lastNumber = Math.max(lastNumber, latest?.manifest.checkpoint ?? 0);
    this.#retained = latest === undefined || this.isSavepoint(latest) ? [] : [latest];
  }

  /** The manifest is durable. */
  add(complete: CompleteCheckpoint): void {
    this.#latest = complete;
    if (this.isSavepoint(complete)) return;
    this.#retained = [...this.#retained, complete].slice(-this.#keep);
    this.#collector.collect(this.#retained);
  }

  get isLatestSavepoint(): boolean {
    return this.#latest !== undefined && this.isSavepoint(this.#latest);
  }

  /** Also one of another job: nothing of it is ours to remove or to share. */
  isSavepoint({ name, manifest }: CompleteCheckpoint): boolean {
    return name.startsWith(savepointsOf(this.#job)) || manifest.name !== this.#job;
  }
}
