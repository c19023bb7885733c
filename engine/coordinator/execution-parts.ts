/** What the execution of a job is made of, put together. */
import type { Store } from "../checkpoint/store.ts";
import type { ToWorker } from "../runtime/messages.ts";
import { CheckpointHistory } from "./checkpoint-history.ts";
import type { CompleteCheckpoint } from "./checkpointer.ts";
import { CompletedCheckpoints } from "./completed-checkpoints.ts";
import type { CoordinatorEvent } from "./coordinator-event.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import { JobLoad } from "./job-load.ts";
import { JobRequests } from "./job-requests.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Messenger } from "./messenger.ts";
import type { Configuration } from "./rescale.ts";
import { RestartPolicy } from "./restart-policy.ts";
import { defaultStoreRetry, StoreRetry } from "./store-retry.ts";
import type { Workers } from "./workers.ts";

export type ExecutionEffects = {
  nowMs(): number;
  send(connection: number, message: ToWorker): void;
  log(event: CoordinatorEvent): void;
};

/** Checkpoints that are remembered for people to look at. */
const historyLength = 100;

export class ExecutionParts {
  readonly options: CoordinatorOptions;
  readonly store: Store;
  readonly workers: Workers;
  readonly effects: ExecutionEffects;
  readonly lifecycle: Lifecycle;
  readonly messenger: Messenger;
  readonly requests = new JobRequests();
  readonly load = new JobLoad();
  readonly restarts: RestartPolicy;
  readonly retry: StoreRetry;
  readonly journal: Journal;
  readonly checkpoints: CompletedCheckpoints;
  readonly history = new CheckpointHistory(historyLength);

  constructor(options: CoordinatorOptions, store: Store, workers: Workers, effects: ExecutionEffects) {
    const { nowMs, send, log } = effects;
    this.options = options;
    this.store = store;
    this.workers = workers;
    this.effects = effects;
    this.lifecycle = new Lifecycle((from, to, because) => log({ event: "moved", from, to, because }));
    this.messenger = new Messenger(workers, send);
    this.restarts = new RestartPolicy(options.restart);
    this.retry = new StoreRetry(defaultStoreRetry, nowMs, (doing, { message }) =>
      log({ event: "store-trouble", doing, because: message }),
    );
    this.journal = new Journal(options.name, store, this.retry);
    this.checkpoints = new CompletedCheckpoints(options.name, options.checkpoints.keep, store, (count) =>
      log({ event: "blobs-removed", count }),
    );
  }

  checkpointCompleted(complete: CompleteCheckpoint): void {
    this.checkpoints.add(complete);
    this.restarts.progressed();
    const { checkpoint } = complete.manifest;
    this.effects.log({ event: "checkpoint-completed", checkpoint, manifest: complete.name });
  }

  writeJournal(
    status: JournalEntry["status"],
    attempt: number,
    { job, tables }: Configuration,
    done: (error: Error | undefined) => void,
  ): void {
    const { latest: restore } = this.checkpoints;
    const { load } = this.load;
    const entry = {
      ...{ status, attempt, job, tables },
      ...(load === undefined ? {} : { load }),
      ...(restore === undefined ? {} : { restore: restore.name }),
    };
    this.journal.write(entry, done);
  }
}
