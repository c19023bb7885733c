/** What physics leaves open, fitted to what was measured: few figures, each with what is believed beforehand. */
import { type Prior, robustFit } from "../math/robust-fit.ts";
import { RunningMedian } from "../math/running-median.ts";
import { type Calibration, type Job, sustained, type Use } from "./roofline-physics.ts";
import { type Problem, thinned } from "./roofline-problem.ts";

/** In the order of `calibrationOf`; factors by their logarithms. */
const priors: readonly Prior[] = [
  // A seat is never quite always busy; above 1 where busy time is told too high.
  { start: Math.log(0.97), deviation: 0.04, low: Math.log(0.5), high: Math.log(1.2) },
  // Credits are granted in parts of the window, so that not all of it is ever in use.
  { start: Math.log(0.9), deviation: 0.2, low: Math.log(0.05), high: Math.log(4) },
  { start: 6, deviation: 3, low: 0, high: 60 },
  // Of 1514 bytes in a full frame 1448 are payload.
  { start: Math.log(0.956), deviation: 0.03, low: Math.log(0.3), high: Math.log(1.05) },
  { start: 1, deviation: 0.3, low: 0, high: 2 },
  { start: 0.005, deviation: 0.02, low: 0, high: 0.4 },
];

export function calibrationOf(values: readonly number[]): Calibration {
  const [busyMost, buffers, turnMs, links, pauses, contention] = values;
  return {
    busyMost: Math.exp(busyMost!),
    buffers: Math.exp(buffers!),
    turnMs: turnMs!,
    links: Math.exp(links!),
    pauses: pauses!,
    contention: contention!,
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
  /** What is left between the fit and good samples, as a part. */
  readonly deviation: number;
  readonly samples: number;
  /** What the fit leaves over, of each measured sample: a logarithm. */
  readonly leftovers: readonly Leftover[];
};

export type Leftover = { readonly seats: number; readonly resource: Use["resource"]; readonly error: number };

const seenMax = 40;
/** All samples together have no more seats than this in a fit, so that its time is bounded. */
const seatsMax = 4000;
const saturatedDeviation = 0.03;
const measuredDeviationLeast = 0.02;
/** A sample that is off by more, in its logarithm, is none. */
const absurd = 0.5;
/** What is known before samples say more, as so many samples. */
const deviationBefore = { value: 0.03, samples: 2 };

export class CalibrationLearner {
  readonly #seen = new Map<string, Seen>();
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
    const key = problem.seats
      .map(
        ({ node, share, tripMs = 0 }) =>
          `${node} ${share.toFixed(3)} ${Math.round(8 * Math.log2(tripMs + 10))}`,
      )
      .join();
    const seen = this.#seen.get(key) ?? {
      problem,
      measured: new RunningMedian(3),
      measuredDeviation: measuredDeviationLeast,
      saturated: new RunningMedian(5),
      carried: new RunningMedian(3),
    };
    seen.problem = problem;
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    if (this.#seen.size > seenMax) this.#seen.delete(this.#seen.keys().next().value!);
    return seen;
  }

  /** Anew when there are new samples; what records cost may have changed a little meanwhile, which is made up for later. */
  learnt(job: Job, paceOf: (node: string) => number): Learnt {
    this.#learnt ??= this.#fit(job, paceOf);
    return this.#learnt;
  }

  #fit(job: Job, paceOf: (node: string) => number): Learnt {
    const samples: {
      problem: Problem;
      paces: number[];
      value: number;
      deviation: number;
      isLeast: boolean;
    }[] = [];
    let seats = 0;
    for (const seen of [...this.#seen.values()].reverse()) {
      const { measured, saturated, carried, measuredDeviation } = seen;
      const problem = thinned(seen.problem, paceOf);
      if ((seats += problem.seats.length) > seatsMax && samples.length > 0) break;
      const paces = problem.seats.map(({ node }) => paceOf(node));
      const add = (value: number, deviation: number, isLeast: boolean) =>
        samples.push({ problem, paces, value, deviation, isLeast });
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
    const calibration = calibrationOf(fit.values);
    const leftovers = samples.flatMap(({ problem, paces, value, isLeast }): Leftover[] => {
      const { rate, use } = sustained(problem, paces, job, calibration);
      const error = value - Math.log(rate);
      const { resource } = use;
      return isLeast || !(Math.abs(error) < absurd) ? [] : [{ seats: problem.count, resource, error }];
    });
    const good = leftovers.map(({ error }) => error);
    const before = deviationBefore.samples * deviationBefore.value ** 2;
    const squares = good.reduce((sum, error) => sum + error * error, before);
    return {
      values: fit.values,
      covariance: fit.covariance,
      deviation: Math.sqrt(squares / (good.length + deviationBefore.samples)),
      samples: good.length,
      leftovers,
    };
  }
}

/**
 * What the physics cannot express, such as windows that fire out of step, shows as an error that samples of about the
 * same size have in common, where the same resource binds.
 */
export function leftover({ leftovers }: Learnt, seats: number, resource: Use["resource"]): number {
  let [sum, weights] = [0, 1];
  for (const one of leftovers) {
    if (one.resource !== resource) continue;
    const weight = Math.exp(-2 * Math.abs(Math.log(seats / one.seats)));
    sum += weight * one.error;
    weights += weight;
  }
  return sum / weights;
}
