/** How many results a record makes, and how much state there is, as the rate grows: learnt from whole cycles. */
import { robustNonnegative } from "../math/nonnegative-least-squares.ts";
import { RunningMedian } from "../math/running-median.ts";
import type { JobFacts } from "../observation.ts";
import type { Cycle } from "./cycles.ts";

type Bin = { readonly rate: RunningMedian; readonly ratio: RunningMedian; readonly weight: number };

const binsPerOctave = 8;
/**
 * While more is asked than is taken, a join's windows are not alike: one that took in much makes so many results that the next
 * takes in little, and by the time that records bear they are as full as was asked. A ratio of means then says less.
 */
const keepsUp = 0.95;
const heldUpMost = 0.1;
const behindWeight = 0.03;
/** Of what was asked: windows are too full to say anything of what was taken. */
const farBehind = 0.6;

export class ResultLearner {
  readonly #job: JobFacts;
  readonly #bins = new Map<number, Bin>();
  readonly #state = new RunningMedian(15);
  #fitted: { constant: number; growing: number; reference: number } | undefined;

  constructor(job: JobFacts) {
    this.#job = job;
  }

  cycle({ seats, heldUp = 0, asked, taken }: Cycle): void {
    const kept = asked === undefined ? undefined : taken / asked;
    if (kept !== undefined && kept < farBehind) return;
    let [recordsIn, recordsOut, stateBytes, share] = [0, 0, 0, 0];
    for (const seat of seats) {
      if (seat.recordsIn === undefined || seat.recordsOut === undefined) continue;
      recordsIn += seat.recordsIn;
      recordsOut += seat.recordsOut;
      stateBytes += seat.stateBytes ?? 0;
      share += seat.share;
    }
    if (!(recordsIn > 0) || !(share > 0.2)) return;
    const rate = recordsIn / share;
    this.#state.add(stateBytes / share / this.#growth(rate));
    // A source may wait for its turn again and again and yet give what is asked.
    const isBehind = kept === undefined ? heldUp > heldUpMost : kept < keepsUp;
    const weight = isBehind ? behindWeight : 1;
    const place = Math.round(Math.log2(rate) * binsPerOctave) * (weight < 1 ? -1 : 1);
    const bin = this.#bins.get(place) ?? { rate: new RunningMedian(9), ratio: new RunningMedian(9), weight };
    this.#bins.set(place, bin);
    bin.rate.add(rate);
    bin.ratio.add(recordsOut / recordsIn);
    this.#fitted = undefined;
  }

  /** Results per record when all sources together give `rate`. */
  ratio(rate: number): number {
    const { constant, growing, reference } = (this.#fitted ??= this.#fit());
    if (this.#job.joins) return constant + growing * (rate / reference);
    // A window's aggregate has results for each key rather than for each record.
    return constant + (this.#job.windowMs === undefined ? 0 : growing * (reference / rate));
  }

  stateBytes(rate: number): number {
    return (this.#state.median ?? 0) * this.#growth(rate);
  }

  /** What a window holds grows with the rate, keyed state does not. */
  #growth(rate: number): number {
    return this.#job.windowMs === undefined || !this.#job.joins ? 1 : rate;
  }

  #fit() {
    const bins = [...this.#bins.values()];
    if (bins.length === 0) return { constant: 0, growing: 0, reference: 1 };
    const reference = Math.max(...bins.map(({ rate }) => rate.median!));
    const sorted = bins.map(({ ratio }) => ratio.median!).sort((one, other) => one - other);
    const most = Math.max(1e-12, sorted[Math.floor(sorted.length * 0.75)]!);
    const rows = bins.map(({ rate, ratio, weight }) => {
      const relative = rate.median! / reference;
      const y = ratio.median! / most;
      return {
        x: [1, this.#job.joins ? relative : 1 / relative],
        y,
        weight: (weight * ratio.count) / (0.04 * y + 0.002) ** 2,
      };
    });
    const usual = { value: 0, deviation: 0.03 };
    const free = { value: 0.5, deviation: 10 };
    const [constant, growing] = robustNonnegative(rows, this.#job.joins ? [usual, free] : [free, usual]);
    return { constant: constant! * most, growing: growing! * most, reference };
  }
}
