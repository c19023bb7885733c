/**
 * The measuring half of policy `ladder`: one search for each configuration that comes to run, and between two of them a
 * rate that is easy to take, so that the savepoint of a rescale has no full buffers before it. Pure but for `ports`.
 */
import type { Configuration } from "#autoscaler/observation.ts";
import { nameOf, nodesOf } from "#autoscaler/policies/seats.ts";
import type { MeasurePlan } from "#lab/experiment/experiment.ts";
import { UserError } from "#testbed/user-error.ts";
import { type MstMeasured, type MstSample, MstSearch } from "./measure-mst.ts";

export type ClimbPorts = {
  /** From now on, all sources together; what is overdue is forgotten. */
  load(rate: number): Promise<void>;
  measured(result: MstMeasured): void;
  warn(text: string): void;
};

/** Of what was measured. Savepoints have no full buffers before them then, and models see a second rate. */
const easyShare = 0.5;
/** Of what was queued: for so long it is worked off. */
const easyMs = 2_000;
/** A search that finds nothing may have met a bad minute. */
const trialsMax = 2;

export class LadderClimb {
  readonly #plan: MeasurePlan;
  readonly #ports: ClimbPorts;
  readonly #firstGuess: number;
  #search: MstSearch | undefined;
  #easing: { readonly result: MstMeasured; readonly untilMs: number } | undefined;
  #running = "";
  #trials = 0;
  #last: { readonly mst: number; readonly seats: number } | undefined;
  /** How long each rung took. */
  readonly #rungsMs: number[] = [];
  #rungSinceMs = 0;

  /** `firstGuess`: of what the first configuration may take. */
  constructor(plan: MeasurePlan, firstGuess: number, ports: ClimbPorts) {
    this.#plan = plan;
    this.#firstGuess = firstGuess;
    this.#ports = ports;
  }

  get doing(): string {
    if (this.#search !== undefined) return `measuring: ${this.#search.doing}`;
    return this.#easing === undefined ? "measured" : "measured, easing off";
  }

  /** A guess after the first rung. */
  leftMs(rungs: number): number | undefined {
    const taken = this.#rungsMs;
    return taken.length === 0
      ? undefined
      : (rungs * taken.reduce((sum, each) => sum + each, 0)) / taken.length;
  }

  /** Whenever something was seen of a job that runs. */
  async see(sample: MstSample, configuration: Configuration): Promise<void> {
    const name = nameOf(configuration);
    if (name !== this.#running) {
      this.#running = name;
      this.#trials = 0;
      this.#easing = undefined;
      this.#rungSinceMs = sample.atMs;
      this.#begin(configuration);
    }
    if (this.#easing !== undefined && sample.atMs >= this.#easing.untilMs) {
      this.#ports.measured(this.#easing.result);
      this.#easing = undefined;
    }
    if (this.#search === undefined) return;
    const step = this.#search.observe(sample);
    switch (step.do) {
      case "wait":
        return;
      case "load":
        return await this.#ports.load(step.rate);
      case "measured":
        return await this.#measured(step.result, configuration, sample.atMs);
      case "give-up":
        return this.#gaveUp(step.because, configuration);
    }
  }

  #begin({ seats }: Configuration): void {
    const { mst, seats: before } = this.#last ?? { mst: this.#firstGuess, seats: seats.length };
    this.#search = new MstSearch(this.#plan, (mst * seats.length) / before);
    this.#trials += 1;
  }

  async #measured(result: MstMeasured, { seats }: Configuration, atMs: number): Promise<void> {
    this.#search = undefined;
    // At one rate alone nobody can tell what a record costs from what a result does: the first rung shows two for long.
    const isFirst = this.#last === undefined;
    this.#easing = { result, untilMs: atMs + (isFirst ? this.#plan.holdMs : easyMs) };
    this.#last = { mst: result.mst, seats: seats.length };
    this.#rungsMs.push(atMs - this.#rungSinceMs);
    await this.#ports.load(result.mst * easyShare);
  }

  #gaveUp(because: string, configuration: Configuration): void {
    const what = `what ${nodesOf(configuration)} sustain could not be measured: ${because}`;
    if (this.#trials >= trialsMax)
      throw new UserError(
        "not-measurable",
        what,
        "give measure a longer warm-up and hold, or a longer lag; see docs/experiments.md",
      );
    this.#ports.warn(what);
    this.#begin(configuration);
  }
}
