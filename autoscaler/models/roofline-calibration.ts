/** What physics leaves open, fitted to what was measured: few figures, each with what is believed beforehand. */
import { type Prior, robustFit } from "../math/robust-fit.ts";
import { RunningMedian } from "../math/running-median.ts";
import { type Calibration, type Job, sustained } from "./roofline-physics.ts";
import { type Problem, thinned } from "./roofline-problem.ts";

/** In the order of `calibrationOf`; factors by their logarithms. */
const priors: readonly Prior[] = [
  // A seat is never quite always busy; above 1 where busy time is told too high.
  { start: Math.log(0.97), deviation: 0.06, low: Math.log(0.5), high: Math.log(1.2) },
  { start: 0, deviation: 0.2, low: Math.log(0.05), high: Math.log(4) },
  { start: 6, deviation: 3, low: 0, high: 60 },
  // Of 1514 bytes in a full frame 1448 are payload.
  { start: Math.log(0.956), deviation: 0.03, low: Math.log(0.3), high: Math.log(1.05) },
  { start: 1, deviation: 0.3, low: 0, high: 2 },
  { start: 0.005, deviation: 0.02, low: 0, high: 0.4 },
  // Fewer than there are where work itself is uneven; more where records come more evenly than by chance.
  { start: 0, deviation: 0.4, low: Math.log(0.3), high: Math.log(10) },
];

export function calibrationOf(values: readonly number[]): Calibration {
  const [busyMost, buffers, turnMs, links, pauses, contention, places] = values;
  return {
    busyMost: Math.exp(busyMost!),
    buffers: Math.exp(buffers!),
    turnMs: turnMs!,
    links: Math.exp(links!),
    pauses: pauses!,
    contention: contention!,
    places: Math.exp(places!),
  };
}

/** Of one configuration on one network: what it was seen to carry. */
type Seen = {
  problem: Problem;
  /** Found by the search for it; while sources were held up; taken without that, at least. */
  readonly measured: RunningMedian;
  measuredDeviation: number;
  readonly saturated: RunningMedian;
  readonly carried: RunningMedian;
};

export type Learnt = {
  readonly values: readonly number[];
  readonly covariance: readonly (readonly number[])[];
  /** What was measured or held up, newest first. */
  readonly measured: readonly MeasuredSample[];
};

export type MeasuredSample = {
  readonly problem: Problem;
  /** The same with all its seats, where there are so many that the fit leaves some out. */
  readonly whole: Problem;
  /** A logarithm, and its deviation. */
  readonly value: number;
  readonly deviation: number;
};

const seenMax = 40;
/** All samples together have no more seats than this in a fit, so that its time is bounded. */
const seatsMax = 4000;
const saturatedDeviation = 0.03;
const measuredDeviationLeast = 0.02;
/** Round trips that differ by more, in parts, make another sample of the same seats. */
const sameTrip = 0.3;

export class CalibrationLearner {
  /** Newest last. */
  #seen: { readonly key: string; readonly seen: Seen }[] = [];
  #learnt: Learnt | undefined;

  measured(problem: Problem, mst: number, deviation: number): void {
    const seen = this.#of(problem);
    seen.measured.add(Math.log(mst));
    seen.measuredDeviation = Math.max(measuredDeviationLeast, deviation);
  }

  saturated(problem: Problem, taken: number): void {
    this.#of(problem).saturated.add(Math.log(taken));
  }

  /** Not held up: what it carries it can carry. */
  carried(problem: Problem, taken: number): void {
    const { carried } = this.#of(problem, false);
    if (carried.count > 0 && Math.log(taken) < carried.median!) return;
    carried.add(Math.log(taken));
    this.#learnt = undefined;
  }

  #of(problem: Problem, isNew = true): Seen {
    if (isNew) this.#learnt = undefined;
    const key = problem.seats.map(({ node, share }) => `${node} ${share.toFixed(3)}`).join();
    const known = this.#seen.find((one) => one.key === key && isAsFar(problem, one.seen.problem));
    const seen = known?.seen ?? {
      problem,
      measured: new RunningMedian(3),
      measuredDeviation: measuredDeviationLeast,
      saturated: new RunningMedian(5),
      carried: new RunningMedian(3),
    };
    seen.problem = problem;
    this.#seen = [...this.#seen.filter((one) => one !== known), { key, seen }].slice(-seenMax);
    return seen;
  }

  /** Anew when there are new samples; what records cost may have changed a little meanwhile, which is made up for later. */
  learnt(job: Job, paceOf: (node: string) => number): Learnt {
    this.#learnt ??= this.#fit(job, paceOf);
    return this.#learnt;
  }

  #fit(job: Job, paceOf: (node: string) => number): Learnt {
    const samples: (MeasuredSample & { paces: number[]; isLeast: boolean })[] = [];
    let seats = 0;
    for (const { seen } of [...this.#seen].reverse()) {
      const { measured, saturated, carried, measuredDeviation } = seen;
      const problem = thinned(seen.problem, paceOf);
      if ((seats += problem.seats.length) > seatsMax && samples.length > 0) break;
      const paces = problem.seats.map(({ node }) => paceOf(node));
      const add = (value: number, deviation: number, isLeast: boolean) =>
        samples.push({ problem, whole: seen.problem, paces, value, deviation, isLeast });
      if (measured.count > 0) add(measured.median!, measuredDeviation, false);
      else if (saturated.count > 0) add(saturated.median!, saturatedDeviation, false);
      else if (carried.count > 1) add(carried.median!, saturatedDeviation, true);
    }
    const misfits = (values: readonly number[]) => {
      const calibration = calibrationOf(values);
      return samples.map(({ problem, paces, value, deviation, isLeast }) => {
        const error = value - Math.log(sustained(problem, paces, job, calibration).rate);
        return { error: isLeast ? Math.max(0, error) : Number.isFinite(error) ? error : 10, deviation };
      });
    };
    const fit = robustFit(priors, misfits);
    const measured = samples.filter(({ isLeast }) => !isLeast);
    return { values: fit.values, covariance: fit.covariance, measured };
  }
}

function isAsFar({ seats }: Problem, other: Problem): boolean {
  return seats.every(({ tripMs = 0 }, at) => {
    const apart = Math.abs(tripMs - (other.seats[at]?.tripMs ?? 0));
    return apart <= sameTrip * (tripMs + 10);
  });
}
