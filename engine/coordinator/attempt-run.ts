/**
 * An attempt on its workers: what they are sent, what they answer, and the checkpoints that are taken of it. What the
 * answers mean for the job is for the job to say, whose states are not known here.
 */
import type { CheckpointMode, Failure, FromWorker, RuntimeSettings } from "../runtime/messages.ts";
import type { SourceTime } from "../time/alignment.ts";
import type { Attempt } from "./attempt.ts";
import { Checkpointer, type CompleteCheckpoint } from "./checkpointer.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { checkpointFailed } from "./failure.ts";
import type { SavepointDone } from "./job-requests.ts";
import { SlowestSource, withAlignment } from "./slowest-source.ts";

export type AttemptMessage = Exclude<FromWorker, { is: "hello" | "metrics" }>;

export type AttemptEvents = {
  deployed(worker: string): void;
  /** All subtasks have. */
  ended(): void;
  /** The worker has let go of all that it had of the attempt. */
  released(worker: string): void;
  /** Also when the attempt is over: the manifest may have been on its way to the store. */
  checkpointed(complete: CompleteCheckpoint): void;
  failed(failure: Failure): void;
};

export class AttemptRun {
  readonly attempt: Attempt;
  /** The manifest that it starts from. */
  readonly restore: string | undefined;
  readonly #parts: ExecutionParts;
  readonly #events: AttemptEvents;
  readonly #checkpointer: Checkpointer;
  readonly #settings: RuntimeSettings;
  /** Undefined: sources are not aligned. */
  readonly #slowestSource: SlowestSource | undefined;

  constructor(parts: ExecutionParts, attempt: Attempt, events: AttemptEvents) {
    this.attempt = attempt;
    this.restore = parts.checkpoints.latest?.name;
    this.#parts = parts;
    this.#events = events;
    this.#checkpointer = checkpointerOf(parts, attempt, events);
    this.#settings = withAlignment(parts.options.runtime, attempt.plan);
    const { alignmentMs } = this.#settings;
    this.#slowestSource = alignmentMs === undefined ? undefined : new SlowestSource(alignmentMs);
  }

  deploy(): void {
    const { workers, messenger } = this.#parts;
    const deployment = this.attempt.deployment(workers.all(), this.#settings, this.restore);
    messenger.to(this.attempt.workers, { is: "deploy", deployment });
  }

  /** All is deployed: sources begin, and so does the time to the first checkpoint. */
  start(): void {
    const { messenger, load } = this.#parts;
    messenger.to(this.attempt.workers, load.start(this.attempt.attempt));
    this.#checkpointer.start();
  }

  savepoint(mode: CheckpointMode, done: SavepointDone): void {
    this.#checkpointer.request({
      kind: "savepoint",
      mode,
      savepoint: true,
      done: (error, complete) => done(error, complete?.name),
    });
  }

  /** The sources stop at the barrier, whatever becomes of the checkpoint. `savepoint`: it is kept for ever. */
  stopAtBarrier(mode: CheckpointMode, savepoint: boolean, done: SavepointDone): void {
    this.#checkpointer.request({
      kind: "stop",
      mode,
      savepoint,
      done: (error, complete) => done(error, complete?.name),
    });
  }

  /** The last checkpoint, of an attempt whose subtasks have all ended. */
  takeFinal(done: () => void): void {
    this.#checkpointer.takeFinal(done);
  }

  /** `checkpoint-complete` is under way; behind it on the same connections goes the cancellation, whose answer says that all is published. */
  release(): void {
    this.#checkpointer.stop("the job lets go of its workers");
    const { attempt, workers } = this.attempt;
    this.#parts.messenger.to(workers, { is: "cancel", attempt });
  }

  /** Who waits for a savepoint of it hears of that. */
  stopCheckpoints(because: string): void {
    this.#checkpointer.stop(because);
  }

  /** Messages of former attempts are dropped. */
  onMessage(worker: string, message: AttemptMessage) {
    if (message.attempt !== this.attempt.attempt) return;
    switch (message.is) {
      case "deployed":
        return this.#events.deployed(worker);
      case "deploy-failed":
      case "subtask-failed":
        return this.#events.failed(message.error);
      case "acknowledge":
        return this.#checkpointer.onAcknowledge(message.checkpoint, message.subtask, message.part);
      case "checkpoint-declined":
        return this.#checkpointer.onDeclined(message.checkpoint, message.subtask, message.error.message);
      case "subtask-ended":
        if (this.attempt.ended(message.subtask)) this.#events.ended();
        return;
      case "cancelled":
        return this.#events.released(worker);
      case "source-watermark":
        return this.#alignSources(worker, message.watermarkMs);
      default:
        message satisfies never;
    }
  }

  #alignSources(worker: string, ofItsSources: SourceTime): void {
    const watermarkMs = this.#slowestSource?.heard(worker, ofItsSources);
    if (watermarkMs === undefined) return;
    const { attempt, workers } = this.attempt;
    this.#parts.messenger.to(workers, { is: "source-watermark", attempt, watermarkMs });
  }

  onTime(nowMs: number): void {
    this.#checkpointer.onTime(nowMs);
  }

  nextWakeMs(): number {
    return this.#checkpointer.nextWakeMs();
  }
}

function checkpointerOf(
  { options, store, retry, history, checkpoints, messenger, effects }: ExecutionParts,
  { attempt, tasks, workers, configuration: { job } }: Attempt,
  events: AttemptEvents,
): Checkpointer {
  const { nowMs, log } = effects;
  return new Checkpointer(
    { attempt, name: options.name, job, tasks, fromSavepoint: checkpoints.isLatestSavepoint },
    options.checkpoints,
    store,
    retry,
    history,
    checkpoints.takeNumber,
    {
      nowMs,
      toWorkers: (message) => messenger.to(workers, message),
      started: (checkpoint, kind) => log({ event: "checkpoint-started", checkpoint, kind }),
      failed: (checkpoint, because) => log({ event: "checkpoint-failed", checkpoint, because }),
      completed: (complete) => events.checkpointed(complete),
      tooManyFailures: (because) => events.failed(checkpointFailed(because)),
    },
  );
}
