/** How far off the roofline's prediction may be: from the fit's covariance, from nodes that were never used, from round trips that are guessed. */
import { calibrationOf, type Learnt } from "./roofline-calibration.ts";
import type { Pace } from "./roofline-costs.ts";
import { type Job, sustained, type Use } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

export type Uncertain = {
  readonly problem: Problem;
  readonly paces: readonly Pace[];
  readonly job: Job;
  readonly learnt: Learnt;
  /** Of what was measured from what is computed. */
  readonly deviation: number;
  readonly use: Use;
  readonly rate: number;
};

/** Between them lie 90 of 100 normal draws; beliefs of round trips hold 80. */
const deviationsFor90 = 1.645;
const deviationsFor80 = 1.2816;
/** A maximum of uncertain things and physics that is too simple. */
const modelDeviation = 0.015;

/** Half of the interval, of the logarithm. */
export function intervalOf({ problem, paces, job, learnt, deviation, use, rate }: Uncertain): number {
  const values = paces.map(({ value }) => value);
  const { covariance } = learnt;
  const slopes = learnt.values.map((value, at) => {
    const width = Math.max(1e-3, 0.5 * Math.sqrt(covariance[at]![at]!));
    const at1 = (moved: number) =>
      sustained(
        problem,
        values,
        job,
        calibrationOf(learnt.values.map((one, other) => (other === at ? moved : one))),
      ).rate;
    return Math.log(at1(value + width) / at1(value - width)) / (2 * width);
  });
  let variance = deviation ** 2 + modelDeviation ** 2;
  for (const [one, slope] of slopes.entries())
    for (const [other, otherSlope] of slopes.entries())
      variance += slope * otherSlope * covariance[one]![other]!;
  const seat = use.seat;
  if (seat !== undefined && use.resource !== "channel") {
    const waits = use.waitsFor === undefined ? 0 : paces[use.waitsFor]!.deviation;
    variance += Math.max(paces[seat]!.deviation, waits) ** 2;
  }
  if (seat !== undefined && use.resource === "channel") {
    const { tripMs, tripLowMs, tripHighMs } = problem.seats[seat]!;
    variance +=
      Math.log(Math.max(1, tripHighMs) / Math.max(1, tripLowMs, tripMs! / 10)) ** 2 /
      (2 * deviationsFor80) ** 2;
  }
  // A rate far below what was asked of the model so far says little; one that is absurd says nothing.
  return Number.isFinite(variance) && rate > 0 ? Math.min(3, deviationsFor90 * Math.sqrt(variance)) : 3;
}
