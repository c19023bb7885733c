/**
 * What people ask of a job and get an answer to: whether it can be done now, and what it sets going. (To cancel a job
 * needs neither; that is a move of the job itself.)
 */
import type { JobPlan } from "../dataflow/plan.ts";
import type { CheckpointMode } from "../runtime/messages.ts";
import { mustFit } from "./attempt.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { notNow } from "./failure.ts";
import type { JobExecution } from "./job-execution.ts";
import type { LoadDone, LoadRequest } from "./job-load.ts";
import type { SavepointDone } from "./job-requests.ts";
import { isOver } from "./lifecycle.ts";
import { type Configuration, configurationAfter, type RescaleRequest } from "./rescale.ts";
import type { RescaleDone } from "./rescaling.ts";

export class JobCommands {
  readonly #parts: ExecutionParts;
  readonly #execution: JobExecution;

  constructor(parts: ExecutionParts, execution: JobExecution) {
    this.#parts = parts;
    this.#execution = execution;
  }

  savepoint(mode: CheckpointMode, done: SavepointDone) {
    const refusal = this.#refusal("a savepoint");
    if (refusal !== undefined) return done(refusal, undefined);
    this.#execution.run!.savepoint(mode, done);
  }

  /** Answered when the output up to the savepoint is published and the workers are free. */
  stop(mode: CheckpointMode, done: SavepointDone) {
    const refusal = this.#refusal("a stop");
    if (refusal !== undefined) return done(refusal, undefined);
    this.#parts.requests.stop(done);
    this.#execution.stopAtBarrier("stop", mode);
  }

  /** What the job would be planned as. Throws what makes the request impossible whatever workers there are. */
  planAfter(request: RescaleRequest): JobPlan {
    const refusal = this.#refusal("a rescale");
    if (refusal !== undefined) throw refusal;
    const { plan } = this.#parts.options;
    return plan(configurationAfter(request, this.#execution.configuration, plan).job);
  }

  rescale(request: RescaleRequest, done: RescaleDone) {
    const refusal = this.#refusal("a rescale");
    if (refusal !== undefined) return done(refusal, undefined);
    const { options, workers, requests, effects } = this.#parts;
    const before = this.#execution.configuration;
    let after: Configuration;
    try {
      after = configurationAfter(request, before, options.plan);
      mustFit(options.plan(after.job), after, workers.all());
    } catch (error) {
      return done(error as Error, undefined);
    }
    requests.rescale(before, after, effects.nowMs(), done);
    this.#execution.stopAtBarrier("rescale", request.mode ?? options.checkpoints.mode);
  }

  /** In force at once, or when the job runs next; answered when it would outlive this coordinator too. */
  load(request: LoadRequest, done: LoadDone) {
    const { load, options, messenger, effects } = this.#parts;
    const { state, configuration, run, attemptNumber: attempt } = this.#execution;
    const answer = (error?: Error) => done(error, error ? undefined : load.report(effects.nowMs()));
    if (isOver(state) || state.is === "recovering") return answer(notNow("a load", state.is));
    try {
      load.take(request, options.plan(configuration.job), effects.nowMs());
    } catch (error) {
      return answer(error as Error);
    }
    if (run) messenger.to(run.attempt.workers, { is: "load", attempt, load: load.load! });
    // The first attempt's own entry will tell of it.
    if (attempt === 0) answer();
    else this.#parts.writeJournal("running", attempt, configuration, answer);
  }

  /** What to answer when the job is not in a state to be asked for something. */
  #refusal(what: string): Error | undefined {
    const { is } = this.#execution.state;
    return is === "running" ? undefined : notNow(what, is);
  }
}
