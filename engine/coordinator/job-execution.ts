/**
 * The life of one job, from what the journal says to its end: which state follows which, and why. All moves between its
 * states are made and told by the lifecycle.
 */
import type { CheckpointMode, Failure } from "../runtime/messages.ts";
import { type Attempt, placedAttempt, placeJob } from "./attempt.ts";
import { type AttemptMessage, AttemptRun } from "./attempt-run.ts";
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
import { beginJob } from "./job-beginning.ts";
import type { JournalEntry } from "./journal.ts";
import {
  type EndState,
  isOver,
  type JobState,
  type StateName,
  type StateOf,
  type StopReason,
} from "./lifecycle.ts";
import { lackingSlots } from "./placement.ts";
import { type Configuration, firstConfiguration } from "./rescale.ts";

export class JobExecution {
  readonly #parts: ExecutionParts;
  readonly #options: CoordinatorOptions;
  #configuration: Configuration;
  #attemptNumber = 0;
  /** A run that was left for the savepoint that this one starts from, until this one has run. */
  #left: JournalEntry | undefined;
  /** Of the attempt under way. */
  #run: AttemptRun | undefined;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#configuration = firstConfiguration(parts.options);
  }

  get state(): JobState {
    return this.#parts.lifecycle.state;
  }

  get run(): AttemptRun | undefined {
    return this.#run;
  }

  /** Of the newest attempt, which may be over. */
  get attemptNumber(): number {
    return this.#attemptNumber;
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  begin(): void {
    beginJob(this.#parts, this.#configuration, ({ configuration, attempt, left, next }) => {
      this.#configuration = configuration;
      this.#left = left;
      this.#attemptNumber = attempt;
      if (next.is === "end") return this.#end(next.state);
      if (next.is === "wait") return this.#wait(next.because);
      this.#writeJournal("running", (error) => {
        if (this.state.is !== "recovering") return;
        if (error === undefined) this.#wait(next.because);
        else this.#end({ is: "failed", failure: failureOf(error) });
      });
    });
  }

  #wait(because: string): void {
    this.#move({ is: "waiting-for-workers", untilMs: this.#nowMs() + this.#options.workers.waitMs }, because);
    this.deployIfSlots();
  }

  workerLost(worker: string, because: string) {
    if (this.#run?.attempt.workers.has(worker) !== true) return;
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
    const untilMs = this.#nowMs() + this.#options.workers.deployMs;
    const run = this.#runOf(attempt);
    this.#run = run;
    this.#attemptNumber = attempt.attempt;
    this.#move({ is: "deploying", awaiting: new Set(attempt.workers), untilMs }, "there are slots enough");
    this.#parts.effects.log({ event: "attempt", attempt: attempt.attempt, restore: run.restore });
    this.#writeJournal("running", (error) => {
      if (this.#run !== run || this.state.is !== "deploying") return;
      if (error !== undefined) return this.#failAttempt(failureOf(error));
      run.deploy();
    });
  }

  #runOf(attempt: Attempt): AttemptRun {
    const run = new AttemptRun(this.#parts, attempt, {
      deployed: (worker) => this.#onDeployed(worker, run),
      ended: () => {
        if (this.state.is === "running") this.#finish(run);
      },
      released: (worker) => {
        if (this.state.is === "releasing") this.#onReleased(this.state, worker);
      },
      // A manifest that becomes durable after the next attempt was journalled is out of date, and never read.
      checkpointed: (complete) => {
        if (attempt.attempt !== this.#attemptNumber || isOver(this.state)) return;
        this.#parts.checkpointCompleted(complete);
      },
      failed: (failure) => {
        if (this.#run === run) this.#failAttempt(failure);
      },
    });
    return run;
  }

  onMessage(worker: string, message: AttemptMessage): void {
    this.#run?.onMessage(worker, message);
  }

  #onDeployed(worker: string, run: AttemptRun): void {
    if (this.state.is !== "deploying") return;
    this.state.awaiting.delete(worker);
    if (this.state.awaiting.size > 0) return;
    this.#move({ is: "running", sinceMs: this.#nowMs() }, "all subtasks are deployed");
    this.#left = undefined;
    run.start();
    if (this.#parts.requests.running(this.#nowMs()))
      this.stopAtBarrier("stop", this.#options.checkpoints.mode);
  }

  #finish(run: AttemptRun): void {
    this.#move({ is: "finishing" }, "all subtasks have ended");
    run.takeFinal(() => {
      if (this.#run === run && this.state.is === "finishing") this.#release(run, "finish");
    });
  }

  /** Of a job that runs. */
  stopAtBarrier(why: StopReason, mode: CheckpointMode): void {
    const run = this.#run!;
    this.#move({ is: "stopping", why }, `a ${why} is asked for`);
    run.stopAtBarrier(mode, why === "stop", (error, manifest) => {
      if (this.#run !== run || this.state.is !== "stopping") return;
      // The sources have stopped, so there is no going on but from the last checkpoint.
      if (error !== undefined) return this.#failAttempt(checkpointFailed(error.message));
      this.#parts.requests.saved(manifest!, this.#nowMs());
      this.#release(run, why);
    });
  }

  #release(run: AttemptRun, why: StateOf<"releasing">["why"]): void {
    const awaiting = new Set(run.attempt.workers);
    const untilMs = this.#nowMs() + this.#options.workers.releaseMs;
    this.#move({ is: "releasing", why, awaiting, untilMs }, "the checkpoint is complete");
    run.release();
  }

  #onReleased(state: StateOf<"releasing">, worker: string): void {
    state.awaiting.delete(worker);
    if (state.awaiting.size === 0) this.#released(state.why);
  }

  #released(why: StateOf<"releasing">["why"]) {
    if (why === "finish") return this.#end({ is: "finished" });
    if (why === "stop") return this.#end({ is: "stopped", savepoint: this.#parts.checkpoints.latest!.name });
    this.#run = undefined;
    this.#configuration = this.#parts.requests.released(this.#nowMs());
    this.#wait("the savepoint of the rescale is taken");
  }

  #failAttempt(failure: Failure): void {
    const state = this.state;
    const run = this.#run;
    this.#parts.messenger.toAll({ is: "cancel", attempt: this.#attemptNumber });
    if (state.is === "running" && this.#nowMs() - state.sinceMs >= this.#options.restart.stableMs) {
      this.#parts.restarts.progressed();
    }
    this.#run = undefined;
    this.#afterFailure(failure, state.is);
    // Who waits for a savepoint of that attempt hears of it when the job's state is settled.
    run?.stopCheckpoints(failure.message);
    if (state.is === "stopping" && state.why === "stop") this.#parts.requests.stopFailed(failure.message);
  }

  #afterFailure(failure: Failure, during: StateName) {
    const { requests } = this.#parts;
    const after = requests.rescalingTo;
    // Somebody moves the job away from a worker that dies meanwhile: to go back would be to wait for that one.
    if (
      during === "stopping" &&
      after !== undefined &&
      !this.#fits(this.#configuration) &&
      this.#fits(after)
    ) {
      requests.withoutSavepoint(failure.message, this.#nowMs());
      this.#configuration = after;
      return this.#restart(0, failure, during);
    }
    const before = requests.returning(failure.message);
    if (before !== undefined) {
      this.#configuration = before;
      return this.#restart(0, failure, during);
    }
    if (isFatal(failure)) return this.#end({ is: "failed", failure });
    const backoffMs = this.#parts.restarts.nextBackoffMs();
    if (backoffMs !== undefined) return this.#restart(backoffMs, failure, during);
    this.#end({ is: "failed", failure: givenUp(this.#parts.restarts.restarts, failure) });
  }

  #fits(configuration: Configuration): boolean {
    const plan = this.#options.plan(configuration.job);
    return "placed" in placeJob(plan, configuration, this.#parts.workers.all());
  }

  #restart(backoffMs: number, { message }: Failure, during: StateName) {
    if (during === "waiting-for-workers") return this.#wait(message);
    this.#move({ is: "restarting", untilMs: this.#nowMs() + backoffMs }, message);
  }

  onTime(nowMs: number) {
    this.#parts.retry.onTime(nowMs);
    this.#run?.onTime(nowMs);
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
    return Math.min(untilMs, this.#parts.retry.nextWakeMs(), this.#run?.nextWakeMs() ?? Infinity);
  }

  #giveUpWaiting() {
    const plan = this.#options.plan(this.#configuration.job);
    const result = placeJob(plan, this.#configuration, this.#parts.workers.all());
    if ("placed" in result) return this.deployIfSlots();
    const wishes = Object.keys(this.#configuration.placement).length;
    if (wishes > 0 && this.#parts.requests.rescalingTo === undefined) {
      // A worker that somebody wished for is gone for good: better elsewhere than not at all.
      this.#configuration = { ...this.#configuration, placement: {} };
      return this.#wait("the workers that were asked for by name do not come back");
    }
    this.#failAttempt(failureOf(lackingSlots(result.lacking, this.#options.workers.waitMs)));
  }

  /** Without a savepoint; what the last complete checkpoint committed stays. */
  cancel(): void {
    if (isOver(this.state)) return;
    const run = this.#run;
    this.#parts.messenger.toAll({ is: "cancel", attempt: this.#attemptNumber });
    this.#end({ is: "cancelled" });
    run?.stopCheckpoints("the job is cancelled");
  }

  #end(state: EndState) {
    this.#run = undefined;
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
    // A savepoint that nothing could start from takes no other run's place.
    if (state.is === "failed" && this.#left !== undefined) this.#parts.journal.write(this.#left, ended);
    else this.#writeJournal(state.is, ended);
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
