/**
 * What was measured holds predictions: the arithmetic's error in configurations that were measured, with what is known of
 * costs now, is taken off what it says of others in which the same resource binds. So no later tick, whatever it says of
 * costs, moves the prediction of what was measured away from it.
 */
import { calibrationOf, type Learnt } from "./roofline-calibration.ts";
import { type Job, sustained, type Use } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

type Anchor = {
  readonly seats: number;
  readonly problem: Problem;
  readonly resource: Use["resource"];
  /** The logarithm of measured over computed. */
  readonly error: number;
  /** By how recent and how sure it is. */
  readonly weight: number;
};

/** For each sample that is newer. */
const recency = 0.7;
/** Off from what others say by more, in its logarithm, a sample is none. */
const absurd = 0.4;
/** That the arithmetic is right: as so much of a sample, where samples contradict each other, and else of the best one. */
const beliefAmongMany = 0.5;
const belief = 0.3;
/** It is believed no more where it is off by much more than this. */
const beliefDeviation = 0.1;
/** The same seats weigh more than others of the same number. */
const sameSeats = 10;
const sameWithin = 1 / 128;
/** What is expected of errors before there are any, as so many samples. */
const before = { deviation: 0.03, samples: 2 };

export class Anchors {
  readonly #anchors: readonly Anchor[];

  constructor(learnt: Learnt, job: Job, paceOf: (node: string) => number) {
    const calibration = calibrationOf(learnt.values);
    this.#anchors = learnt.measured.map(({ problem, whole, value, deviation }, at) => {
      const paces = problem.seats.map(({ node }) => paceOf(node));
      const { rate, use } = sustained(problem, paces, job, calibration);
      const weight = (recency ** at * 0.03 ** 2) / (0.03 ** 2 + deviation ** 2);
      return {
        seats: problem.count,
        problem: whole,
        resource: use.resource,
        error: value - Math.log(rate),
        weight,
      };
    });
  }

  get count(): number {
    return this.#anchors.length;
  }

  /** For a problem in which this resource binds: the logarithm to add, and how far off it may be. */
  of(problem: Problem, resource: Use["resource"]): { shift: number; deviation: number } {
    const near = this.#anchors.flatMap((anchor) => {
      if (anchor.resource !== resource || !Number.isFinite(anchor.error)) return [];
      const likeness = Math.exp(-2 * Math.abs(Math.log(problem.count / anchor.seats)));
      const weight = anchor.weight * likeness * (isSame(problem, anchor.problem) ? sameSeats : 1);
      return [{ error: anchor.error, weight, recent: anchor.weight }];
    });
    const centre = weightedMedian([
      ...near.map(({ error, recent }) => ({ error, weight: recent })),
      { error: 0, weight: beliefAmongMany },
    ]);
    const kept = near.filter(({ error }) => Math.abs(error - centre) < absurd);
    const sum = (of: (one: (typeof kept)[number]) => number) => kept.reduce((all, one) => all + of(one), 0);
    const weights = sum(({ weight }) => weight);
    const mean = weights > 0 ? sum(({ error, weight }) => error * weight) / weights : 0;
    const most = Math.max(0, ...kept.map(({ weight }) => weight));
    const believed = (belief * most) / (1 + (mean / beliefDeviation) ** 2);
    const shift = weights > 0 ? (mean * weights) / (weights + believed) : 0;
    const squares = kept.reduce((sum, { error }) => sum + (error - shift) ** 2, 0);
    const total = squares + before.samples * before.deviation ** 2;
    return { shift, deviation: Math.sqrt(total / (kept.length + before.samples)) };
  }
}

function weightedMedian(values: readonly { readonly error: number; readonly weight: number }[]): number {
  const sorted = [...values].sort((one, other) => one.error - other.error);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { error, weight } of sorted) if ((sum += weight) >= half) return error;
  return 0;
}

function isSame({ seats }: Problem, other: Problem): boolean {
  return (
    seats.length === other.seats.length &&
    seats.every(
      ({ node, share }, at) =>
        node === other.seats[at]!.node && Math.abs(share - other.seats[at]!.share) <= sameWithin,
    )
  );
}
