/**
 * The search for the highest rate that a configuration sustains, as a machine that is told what was seen and says which
 * rate to ask for next. First it is found out roughly, by far too much. Then the job is warmed up near that rate, by a
 * little too much, until it takes no more than it took and records get no cheaper: a node that has just begun compiles for a minute, and a window holds
 * as many records as were asked for, whether or not they could be taken, so that a join under far too much works at results that
 * no sustained rate makes. Then rates around what it takes are held, each from full buffers and without a backlog: empty
 * ones would swallow for seconds what is too much. A rate that the job takes, with its sources not held up for most of the
 * time and a lag that does not grow, is sustained. The highest sustained and the lowest not sustained rate bound the
 * answer. Pure: time comes with the samples.
 */
import type { MeasuredMst } from "#autoscaler/observation.ts";
import type { MeasurePlan } from "#lab/experiment/experiment.ts";
import { type HoldVerdict, holdsAtMost, judgeHold, settlingMs } from "./judge-hold.ts";
import { WarmSpans, type Work } from "./warm-spans.ts";

/** One look at the job; all sources together. What is not known is left out. */
export type MstSample = {
  readonly atMs: number;
  /** Changes when the job begins anew by itself: then what was under way is begun again. */
  readonly attempt: number;
  readonly taken?: number;
  readonly backpressured?: number;
  readonly lagMs?: number;
  /** Of the nodes that have seats, as far as it is known. */
  readonly work?: Work;
};

export type MstMeasured = MeasuredMst & { readonly how: string };

/** `load`: ask for `rate` from now on, and forget what is overdue. */
export type MstStep =
  | { readonly do: "wait" }
  | { readonly do: "load"; readonly rate: number }
  | { readonly do: "measured"; readonly result: MstMeasured }
  | { readonly do: "give-up"; readonly because: string };

type Phase =
  | { readonly is: "probing"; readonly sinceMs: number; readonly samples: MstSample[] }
  | { readonly is: "warming"; sinceMs: number; samples: MstSample[] }
  | { readonly is: "filling"; readonly sinceMs: number; full: number }
  | { readonly is: "holding"; readonly sinceMs: number; readonly samples: MstSample[] };

/** Of the estimate: the first rate that is held. Above it, since a job that is still getting warm takes less than it can. */
const firstHold = 1.03;
/** From one bound to the next trial while there is no other bound: where the estimate was good, two holds are enough. */
const outwards = [0.038, 0.06, 0.12, 0.2, 0.35] as const;
/** Bounds so close together, one against the other, are close enough. */
const closeEnough = 1.04;
const holdsMax = 7;
/** Of the asked rate: a job that takes as much is not saturated. */
const takesAll = 0.95;
/** How often the rate is raised that is to saturate the sources. */
const raisesMax = 12;
const raise = 3;
/** Of what was taken, to warm up at: the sources are saturated, and windows are about as full as they will be. */
const warmBy = 1.15;
/** A job that took all of that is far from what it can. */
const warmByMore = 1.35;
/** More than this of what is taken makes windows too full. */
const warmByMost = 1.3;
/** Of warming up. */
const spansMax = 12;
/** Of a job that takes nothing: so long it may be about to begin. */
const idleSpans = 3;
/** Of a span: so long it is found out what is taken of far too much. */
const probeShare = 0.5;
/** To have full buffers before a hold. */
const fillBy = 1.5;
/** Of the time: sources that wait for so much of it stand before full buffers. */
const fullBackpressure = 0.4;
const fullSamples = 2;
const samplesLeast = 4;

/** What a search may take at the longest, looks and changes of the load included. */
export function longestSearchMs(plan: MeasurePlan): number {
  const { warmUpMs, saturateMs, holdMs } = plan;
  const fillMs = 3_000;
  const probeMs = warmUpMs + saturateMs * probeShare;
  return (
    probeMs +
    spansMax * (warmUpMs + saturateMs) +
    holdsMax * (holdsAtMost * holdMs + settlingMs(plan) + fillMs)
  );
}

export class MstSearch {
  readonly #plan: MeasurePlan;
  /** What is asked for now, or is held next. */
  #rate: number;
  #probeRate: number;
  #phase: Phase | undefined;
  #attempt: number | undefined;
  #raises = 0;
  /** Of warming up, as far as the sources were saturated. */
  readonly #spans = new WarmSpans();
  #spansSeen = 0;
  #saturated = 0;
  /** What was taken while more was asked than could be: that was saturation too, of a job that is warm by then. */
  readonly #overloaded: number[] = [];
  #low: number | undefined;
  #high: number | undefined;
  #notes: string[] = [];
  #holds = 0;

  /** `guess`: a rate of the right order; the search is a little shorter when it is above what can be sustained. */
  constructor(plan: MeasurePlan, guess: number) {
    this.#plan = plan;
    this.#probeRate = guess * raise;
    this.#rate = this.#probeRate;
  }

  /** For people: what is going on. */
  get doing(): string {
    if (this.#phase?.is === "warming") return `warming up at ${this.#rate.toFixed(0)}/s`;
    if (this.#phase?.is !== "holding") return this.#phase?.is ?? "starting";
    const bounds = [this.#low, this.#high].map((rate) => rate?.toFixed(0) ?? "?").join("–");
    return `holding ${this.#rate.toFixed(0)}/s, ${bounds}`;
  }

  /** Has found out that the job takes no more than it took, and goes on to what it sustains. */
  get isWarm(): boolean {
    return this.#phase?.is === "filling" || this.#phase?.is === "holding";
  }

  observe(sample: MstSample): MstStep {
    if (this.#phase === undefined) {
      this.#attempt = sample.attempt;
      return this.#probe(sample.atMs);
    }
    if (sample.attempt !== this.#attempt) return this.#again(sample);
    switch (this.#phase.is) {
      case "probing":
        return this.#whileProbing(this.#phase, sample);
      case "warming":
        return this.#whileWarming(this.#phase, sample);
      case "filling":
        return this.#whileFilling(this.#phase, sample);
      case "holding":
        return this.#whileHolding(this.#phase, sample);
    }
  }

  /** The job has begun anew: nobody knows since when it was unwell, so all that was found is found again. */
  #again(sample: MstSample): MstStep {
    this.#attempt = sample.attempt;
    this.#notes = ["the job was restarted meanwhile"];
    this.#low = undefined;
    this.#high = undefined;
    this.#holds = 0;
    this.#overloaded.length = 0;
    this.#spans.clear();
    this.#spansSeen = 0;
    return this.#probe(sample.atMs);
  }

  #probe(atMs: number): MstStep {
    this.#phase = { is: "probing", sinceMs: atMs, samples: [] };
    this.#rate = this.#probeRate;
    return { do: "load", rate: this.#rate };
  }

  #whileProbing(phase: Phase & { is: "probing" }, sample: MstSample): MstStep {
    const { warmUpMs, saturateMs } = this.#plan;
    const passedMs = sample.atMs - phase.sinceMs;
    if (passedMs < warmUpMs) return { do: "wait" };
    if (sample.taken !== undefined) phase.samples.push(sample);
    if (passedMs < warmUpMs + saturateMs * probeShare || phase.samples.length < samplesLeast)
      return { do: "wait" };
    const taken = mean(phase.samples.map(takenOf));
    if (taken >= takesAll * this.#probeRate) return this.#raise(sample.atMs);
    if (taken > 0) return this.#warm(sample.atMs, taken * warmBy);
    if (passedMs < warmUpMs + saturateMs * idleSpans) return { do: "wait" };
    return { do: "give-up", because: "the job takes nothing, though its sources are saturated" };
  }

  #warm(atMs: number, rate: number): MstStep {
    this.#phase = { is: "warming", sinceMs: atMs, samples: [] };
    this.#rate = rate;
    return { do: "load", rate };
  }

  #whileWarming(phase: Phase & { is: "warming" }, sample: MstSample): MstStep {
    const { warmUpMs, saturateMs } = this.#plan;
    const passedMs = sample.atMs - phase.sinceMs;
    // What was asked before is in windows and on its way.
    if (passedMs < warmUpMs) return { do: "wait" };
    if (sample.taken !== undefined) phase.samples.push(sample);
    if (passedMs < warmUpMs + saturateMs || phase.samples.length < samplesLeast) return { do: "wait" };
    const taken = mean(phase.samples.map(takenOf));
    const isEnough = ++this.#spansSeen >= spansMax;
    if (taken >= takesAll * this.#rate && !isEnough) return this.#warm(sample.atMs, taken * warmByMore);
    this.#spans.add(
      taken,
      phase.samples.map(({ work }) => work),
    );
    if (isEnough || this.#spans.isSteady) return this.#isWarm(phase.samples, sample.atMs);
    if (this.#rate > taken * warmByMost) return this.#warm(sample.atMs, taken * warmBy);
    phase.sinceMs = sample.atMs - warmUpMs;
    phase.samples = [];
    return { do: "wait" };
  }

  #isWarm(last: readonly MstSample[], atMs: number): MstStep {
    this.#saturated = mean(this.#spans.taken.slice(-2));
    const waits = last.map(({ backpressured }) => backpressured).filter((value) => value !== undefined);
    const isHeldUp = waits.length === 0 || mean(waits) >= fullBackpressure;
    if (!isHeldUp) this.#notes.push("the sources themselves make no more");
    this.#rate = this.#saturated * firstHold;
    return this.#hold(atMs);
  }

  /** It took all that was asked for: that says nothing of how much it can. */
  #raise(atMs: number): MstStep {
    this.#raises += 1;
    if (this.#raises > raisesMax) {
      const rate = this.#probeRate.toFixed(0);
      return { do: "give-up", because: `the job takes ${rate}/s and more, too much to saturate it` };
    }
    this.#probeRate *= raise;
    return this.#probe(atMs);
  }

  #fill(atMs: number): MstStep {
    this.#phase = { is: "filling", sinceMs: atMs, full: 0 };
    return { do: "load", rate: this.#rate * fillBy };
  }

  #whileFilling(phase: Phase & { is: "filling" }, { atMs, backpressured }: MstSample): MstStep {
    const isFull = backpressured !== undefined && backpressured >= fullBackpressure;
    phase.full = isFull ? phase.full + 1 : 0;
    const isPatient = atMs - phase.sinceMs < this.#plan.warmUpMs + this.#plan.saturateMs;
    return phase.full < fullSamples && isPatient ? { do: "wait" } : this.#hold(atMs);
  }

  #hold(atMs: number): MstStep {
    this.#phase = { is: "holding", sinceMs: atMs, samples: [] };
    return { do: "load", rate: this.#rate };
  }

  #whileHolding(phase: Phase & { is: "holding" }, sample: MstSample): MstStep {
    phase.samples.push(sample);
    const verdict = judgeHold(phase.samples, phase.sinceMs, this.#rate, this.#plan);
    return verdict === undefined ? { do: "wait" } : this.#judged(verdict, sample.atMs);
  }

  #judged(verdict: HoldVerdict, atMs: number): MstStep {
    this.#holds += 1;
    this.#notes.push(
      `${this.#rate.toFixed(0)}/s ${verdict.isSustained ? "held" : `not: ${verdict.because}`}`,
    );
    if (verdict.isSustained) this.#low = Math.max(this.#rate, this.#low ?? 0);
    else {
      this.#high = Math.min(this.#rate, this.#high ?? Number.POSITIVE_INFINITY);
      this.#overloaded.push(...verdict.taken);
    }
    const [low, high] = [this.#low, this.#high];
    const isClose = low !== undefined && high !== undefined && high / low <= closeEnough;
    if (isClose || this.#holds >= holdsMax) return this.#result();
    if (low !== undefined && high !== undefined) this.#rate = Math.sqrt(low * high);
    else {
      const step = outwards[Math.min(this.#holds, outwards.length) - 1]!;
      this.#rate *= low === undefined ? 1 - step : 1 + step;
    }
    return verdict.isSustained ? this.#fill(atMs) : this.#hold(atMs);
  }

  #result(): MstStep {
    const [low, high] = [this.#low, this.#high];
    if (low === undefined)
      return { do: "give-up", because: `no rate was sustained: ${this.#notes.join("; ")}` };
    // The estimate from saturation is the finer one, as far as the holds bear it out.
    const top = high ?? low * closeEnough;
    const capacity = this.#overloaded.length > 0 ? mean(this.#overloaded) : this.#saturated;
    const mst = Math.min(top, Math.max(low, capacity));
    const spans = this.#spans.taken.map((taken) => taken.toFixed(0)).join(", ");
    const how = `search: warming up it took ${spans}/s; ${this.#notes.join("; ")}`;
    return { do: "measured", result: { mst, low, high: top, how } };
  }
}

const takenOf = ({ taken = 0 }: MstSample): number => taken;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
