/**
 * The life of one job, from what the journal says to its end. All moves between its states are made and told by the
 * lifecycle; messages of former attempts are dropped at the door.
 */
import { checkRestorable } from "../checkpoint/restore-plan.ts";
import type { CheckpointMode, Failure, FromWorker, JobSpec } from "../runtime/messages.ts";
import { type Attempt, mustFit, placedAttempt, placeJob } from "./attempt.ts";
import type { Checkpointer, CompleteCheckpoint } from "./checkpointer.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import {
  checkpointFailed,
  deployTimeout,
  failureOf,
  givenUp,
  isFatal,
  releaseTimeout,
  workerLost,
} from "./failure.ts";
import type { LoadDone, LoadRequest } from "./job-load.ts";
import type { SavepointDone } from "./job-requests.ts";
import { endIn, type JournalEntry } from "./journal.ts";
import {
  type EndState,
  isOver,
  type JobState,
  type StateName,
  type StateOf,
  type StopReason,
} from "./lifecycle.ts";
import { lackingSlots } from "./placement.ts";
import { type Recovered, recover } from "./recovery.ts";
import {
  type Configuration,
  configurationAfter,
  firstConfiguration,
  type RescaleRequest,
} from "./rescale.ts";
import type { RescaleDone } from "./rescaling.ts";

export class JobExecution {
  readonly #parts: ExecutionParts;
  readonly #options: CoordinatorOptions;
  #configuration: Configuration;
  #attemptNumber = 0;
  #attempt: Attempt | undefined;
  #checkpointer: Checkpointer | undefined;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#configuration = firstConfiguration(parts.options);
  }

  get state(): JobState {
    return this.#parts.lifecycle.state;
  }

  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** Of the newest attempt, which may be over. */
  get attemptNumber(): number {
    return this.#attemptNumber;
  }

  get job(): JobSpec {
    return this.#configuration.job;
  }

  begin(): void {
    const { name, start } = this.#options;
    recover(name, start, this.#parts.journal, this.#parts.store, this.#parts.retry, (error, recovered) => {
      if (this.state.is !== "recovering") return;
      if (error !== undefined) return this.#end({ is: "failed", failure: failureOf(error) });
      const { entry } = recovered!;
      // The former coordinator died between the end of the job and telling of it.
      const ended = start.from === "takeover" && entry !== undefined ? endIn(entry) : undefined;
      if (ended === undefined) this.#goOnFrom(recovered!);
      else this.#end(ended);
    });
  }

  #goOnFrom({ entry, restore, lastAttempt, lastCheckpoint }: Recovered) {
    const { start, plan } = this.#options;
    if (entry !== undefined) this.#configuration = { job: entry.job, tables: entry.tables, placement: {} };
    this.#parts.load.load = entry?.load;
    this.#parts.checkpoints.recovered(restore, lastCheckpoint);
    try {
      const made = plan(this.#configuration.job);
      const lenient = start.from !== "savepoint" || start.allowDroppedState;
      if (restore !== undefined) checkRestorable(restore.manifest, restore.name, made, lenient);
    } catch (error) {
      return this.#end({ is: "failed", failure: failureOf(error) });
    }
    this.#attemptNumber = lastAttempt;
    if (entry !== undefined) return this.#wait(`attempt ${entry.attempt} of the journal goes on`);
    if (lastAttempt === 0) return this.#wait("the job is new");
    // Before anything else it is noted that the last run is over, so that nobody takes its end for that of this one.
    this.#attemptNumber = lastAttempt + 1;
    this.#writeJournal("running", (error) => {
      if (this.state.is !== "recovering") return;
      if (error === undefined) this.#wait("the job is new, others of its name were before");
      else this.#end({ is: "failed", failure: failureOf(error) });
    });
  }

  #wait(because: string): void {
    this.#move({ is: "waiting-for-workers", untilMs: this.#nowMs() + this.#options.workers.waitMs }, because);
    this.deployIfSlots();
  }

  workerLost(worker: string, because: string) {
    if (this.#attempt?.workers.has(worker) !== true) return;
    const state = this.state;
    // What the savepoint of a rescale holds is published by the restore as well.
    if (state.is === "releasing" && state.why === "rescale") return this.#onReleased(state, worker);
    this.#failAttempt(workerLost(worker, because));
  }

  /** Asked too when a worker has joined. */
  deployIfSlots() {
    if (this.state.is !== "waiting-for-workers") return;
    const configuration = this.#configuration;
    let attempt: Attempt | undefined;
    try {
      const plan = this.#options.plan(configuration.job);
      attempt = placedAttempt(this.#attemptNumber + 1, configuration, plan, this.#parts.workers.all());
    } catch (error) {
      return this.#failAttempt(failureOf(error));
    }
    if (attempt !== undefined) this.#deploy(attempt);
  }

  #deploy(attempt: Attempt): void {
    const { workers, runtime } = this.#options;
    const restore = this.#parts.checkpoints.latest;
    const untilMs = this.#nowMs() + workers.deployMs;
    this.#attempt = attempt;
    this.#attemptNumber = attempt.attempt;
    this.#checkpointer = this.#checkpointerOf(attempt);
    this.#move({ is: "deploying", awaiting: new Set(attempt.workers), untilMs }, "there are slots enough");
    this.#parts.effects.log({ event: "attempt", attempt: attempt.attempt, restore: restore?.name });
    this.#writeJournal("running", (error) => {
      if (this.#attempt !== attempt || this.state.is !== "deploying") return;
      if (error !== undefined) return this.#failAttempt(failureOf(error));
      const deployment = attempt.deployment(this.#parts.workers.all(), runtime, restore?.name);
      this.#parts.messenger.to(attempt.workers, { is: "deploy", deployment });
    });
  }

  #checkpointerOf(attempt: Attempt): Checkpointer {
    return this.#parts.checkpointerOf(
      attempt,
      (complete) => this.#onCheckpoint(attempt, complete),
      (message) => {
        if (this.#attempt === attempt) this.#failAttempt(checkpointFailed(message));
      },
    );
  }

  /** A manifest that becomes durable after the next attempt was journalled is out of date, and never read. */
  #onCheckpoint(attempt: Attempt, complete: CompleteCheckpoint): void {
    if (attempt.attempt !== this.#attemptNumber || isOver(this.state)) return;
    this.#parts.checkpointCompleted(complete);
  }

  onMessage(worker: string, message: Exclude<FromWorker, { is: "hello" | "metrics" }>) {
    const attempt = this.#attempt;
    if (attempt === undefined || message.attempt !== attempt.attempt) return;
    switch (message.is) {
      case "deployed":
        return this.#onDeployed(worker, attempt);
      case "deploy-failed":
        return this.#failAttempt(message.error);
      case "acknowledge":
        return this.#checkpointer!.onAcknowledge(message.checkpoint, message.subtask, message.part);
      case "checkpoint-declined":
        return this.#checkpointer!.onDeclined(message.checkpoint, message.subtask, message.error.message);
      case "subtask-failed":
        return this.#failAttempt(message.error);
      case "subtask-ended":
        if (attempt.ended(message.subtask) && this.state.is === "running") this.#finish(attempt);
        return;
      case "cancelled":
        if (this.state.is === "releasing") this.#onReleased(this.state, worker);
        return;
      default:
        message satisfies never;
    }
  }

  #onDeployed(worker: string, attempt: Attempt): void {
    if (this.state.is !== "deploying") return;
    this.state.awaiting.delete(worker);
    if (this.state.awaiting.size > 0) return;
    this.#move({ is: "running", sinceMs: this.#nowMs() }, "all subtasks are deployed");
    this.#parts.messenger.to(attempt.workers, this.#parts.load.start(attempt.attempt));
    this.#checkpointer!.start();
    if (this.#parts.requests.running(this.#nowMs()))
      this.#stopAtBarrier("stop", this.#options.checkpoints.mode);
  }

  #finish(attempt: Attempt): void {
    this.#move({ is: "finishing" }, "all subtasks have ended");
    this.#checkpointer!.takeFinal(() => {
      if (this.#attempt === attempt && this.state.is === "finishing") this.#release("finish");
    });
  }

  #stopAtBarrier(why: StopReason, mode: CheckpointMode): void {
    const attempt = this.#attempt;
    this.#move({ is: "stopping", why }, `a ${why} is asked for`);
    this.#checkpointer!.request({
      kind: "stop",
      mode,
      savepoint: why === "stop",
      done: (error, complete) => {
        if (this.#attempt !== attempt || this.state.is !== "stopping") return;
        // The sources have stopped, so there is no going on but from the last checkpoint.
        if (error !== undefined) return this.#failAttempt(checkpointFailed(error.message));
        this.#parts.requests.saved(complete!.name, this.#nowMs());
        this.#release(why);
      },
    });
  }

  /** `checkpoint-complete` is under way; behind it on the same connections goes the cancellation, whose answer says that all is published. */
  #release(why: StateOf<"releasing">["why"]): void {
    const attempt = this.#attempt!;
    const untilMs = this.#nowMs() + this.#options.workers.releaseMs;
    this.#move(
      { is: "releasing", why, awaiting: new Set(attempt.workers), untilMs },
      "the checkpoint is complete",
    );
    this.#checkpointer!.stop("the job lets go of its workers");
    this.#parts.messenger.to(attempt.workers, { is: "cancel", attempt: attempt.attempt });
  }

  #onReleased(state: StateOf<"releasing">, worker: string): void {
    state.awaiting.delete(worker);
    if (state.awaiting.size === 0) this.#released(state.why);
  }

  #released(why: StateOf<"releasing">["why"]) {
    if (why === "finish") return this.#end({ is: "finished" });
    if (why === "stop") return this.#end({ is: "stopped", savepoint: this.#parts.checkpoints.latest!.name });
    this.#attempt = undefined;
    this.#configuration = this.#parts.requests.released(this.#nowMs());
    this.#wait("the savepoint of the rescale is taken");
  }

  #failAttempt(failure: Failure): void {
    const state = this.state;
    const checkpointer = this.#checkpointer;
    this.#parts.messenger.toAll({ is: "cancel", attempt: this.#attemptNumber });
    if (state.is === "running" && this.#nowMs() - state.sinceMs >= this.#options.restart.stableMs) {
      this.#parts.restarts.progressed();
    }
    this.#attempt = undefined;
    this.#checkpointer = undefined;
    this.#afterFailure(failure, state.is);
    // Who waits for a savepoint of that attempt hears of it when the job's state is settled.
    checkpointer?.stop(failure.message);
    if (state.is === "stopping" && state.why === "stop") this.#parts.requests.stopFailed(failure.message);
  }

  #afterFailure(failure: Failure, during: StateName) {
    const before = this.#parts.requests.returning(failure.message);
    if (before !== undefined) {
      this.#configuration = before;
      return this.#restart(0, failure, during);
    }
    if (isFatal(failure)) return this.#end({ is: "failed", failure });
    const backoffMs = this.#parts.restarts.nextBackoffMs();
    if (backoffMs !== undefined) return this.#restart(backoffMs, failure, during);
    this.#end({ is: "failed", failure: givenUp(this.#parts.restarts.restarts, failure) });
  }

  #restart(backoffMs: number, { message }: Failure, during: StateName) {
    if (during === "waiting-for-workers") return this.#wait(message);
    this.#move({ is: "restarting", untilMs: this.#nowMs() + backoffMs }, message);
  }

  onTime(nowMs: number) {
    this.#parts.retry.onTime(nowMs);
    this.#checkpointer?.onTime(nowMs);
    const state = this.state;
    if (!("untilMs" in state) || state.untilMs > nowMs) return;
    switch (state.is) {
      case "restarting":
        return this.#wait("the pause before the restart is over");
      case "deploying":
        return this.#failAttempt(deployTimeout(state.awaiting, this.#options.workers.deployMs));
      case "waiting-for-workers":
        return this.#giveUpWaiting();
      case "releasing":
        if (state.why === "rescale") return this.#released("rescale");
        return this.#failAttempt(releaseTimeout(state.awaiting, this.#options.workers.releaseMs));
      default:
        state satisfies never;
    }
  }

  nextWakeMs(): number {
    const untilMs = "untilMs" in this.state ? this.state.untilMs : Infinity;
    return Math.min(untilMs, this.#parts.retry.nextWakeMs(), this.#checkpointer?.nextWakeMs() ?? Infinity);
  }

  #giveUpWaiting() {
    const plan = this.#options.plan(this.#configuration.job);
    const result = placeJob(plan, this.#configuration, this.#parts.workers.all());
    if ("placed" in result) return this.deployIfSlots();
    const wishes = Object.keys(this.#configuration.placement).length;
    if (wishes > 0 && !this.#parts.requests.isRescaling) {
      // A worker that somebody wished for is gone for good: better elsewhere than not at all.
      this.#configuration = { ...this.#configuration, placement: {} };
      return this.#wait("the workers that were asked for by name do not come back");
    }
    this.#failAttempt(failureOf(lackingSlots(result.lacking, this.#options.workers.waitMs)));
  }

  savepoint(mode: CheckpointMode, done: SavepointDone) {
    const refusal = this.#parts.requests.refusal("a savepoint", this.state.is);
    if (refusal !== undefined) return done(refusal, undefined);
    this.#checkpointer!.request({
      kind: "savepoint",
      mode,
      savepoint: true,
      done: (error, complete) => done(error, complete?.name),
    });
  }

  /** Answered when the output up to the savepoint is published and the workers are free. */
  stop(mode: CheckpointMode, done: SavepointDone) {
    const refusal = this.#parts.requests.refusal("a stop", this.state.is);
    if (refusal !== undefined) return done(refusal, undefined);
    this.#parts.requests.stop(done);
    this.#stopAtBarrier("stop", mode);
  }

  rescale(request: RescaleRequest, done: RescaleDone) {
    const refusal = this.#parts.requests.refusal("a rescale", this.state.is);
    if (refusal !== undefined) return done(refusal, undefined);
    const before = this.#configuration;
    let after: Configuration;
    try {
      after = configurationAfter(request, before, this.#options.plan);
      mustFit(this.#options.plan(after.job), after, this.#parts.workers.all());
    } catch (error) {
      return done(error as Error, undefined);
    }
    this.#parts.requests.rescale(before, after, this.#nowMs(), done);
    this.#stopAtBarrier("rescale", request.mode ?? this.#options.checkpoints.mode);
  }

  load(request: LoadRequest, done: LoadDone): void {
    this.#parts.giveLoad(request, this.#configuration, this.#attemptNumber, this.#attempt, done);
  }

  /** Without a savepoint; what the last complete checkpoint committed stays. */
  cancel(): void {
    if (isOver(this.state)) return;
    const checkpointer = this.#checkpointer;
    this.#parts.messenger.toAll({ is: "cancel", attempt: this.#attemptNumber });
    this.#end({ is: "cancelled" });
    checkpointer?.stop("the job is cancelled");
  }

  #end(state: EndState) {
    this.#attempt = undefined;
    this.#checkpointer = undefined;
    const because = state.is === "failed" ? state.failure.message : `the job is ${state.is}`;
    this.#move(state, because);
    const savepoint = state.is === "stopped" ? state.savepoint : undefined;
    this.#parts.requests.ended(
      savepoint === undefined ? new Error(because) : undefined,
      savepoint,
      this.#nowMs(),
    );
    const ended = () => this.#parts.effects.log({ event: "ended", state: state.is });
    // A job that could not even begin leaves the journal as it is, so that what was there can go on.
    if (this.#attemptNumber === 0) return ended();
    this.#writeJournal(state.is, ended);
  }

  #writeJournal(status: JournalEntry["status"], done: (error: Error | undefined) => void): void {
    this.#parts.writeJournal(status, this.#attemptNumber, this.#configuration, done);
  }

  #move(to: JobState, because: string): void {
    this.#parts.lifecycle.move(to, because);
  }

  #nowMs(): number {
    return this.#parts.effects.nowMs();
  }
}
