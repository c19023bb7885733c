/**
 * What a record and a result cost in CPU, learnt from how hard seats work: work = fixed + in × cIn + out × cOut, on a
 * core of speed 1. Each node has a factor beside its device's speed, since boards of one kind differ.
 */

import { type Row, robustNonnegative } from "../math/nonnegative-least-squares.ts";
import { RunningMedian } from "../math/running-median.ts";
import type { JobFacts, NodeFacts, Observation } from "../observation.ts";
import type { CleanSeat } from "./clean-tick.ts";
import { type SeatWork, WorkSeen } from "./work-seen.ts";

export type Costs = {
  /** CPU seconds on a core of speed 1: in each second; for each record; for each result; to freeze a byte of state. */
  readonly fixed: number;
  readonly perRecord: number;
  readonly perResult: number;
  readonly perStateByte: number;
};

/** Of a node: what a core does in a second, in seconds of speed 1; the deviation is of its logarithm. */
export type Pace = { readonly value: number; readonly deviation: number };

type Bin = {
  readonly recordsIn: RunningMedian;
  readonly recordsOut: RunningMedian;
  readonly work: RunningMedian;
  readonly weight: RunningMedian;
  /** How many ticks it stands for, and when the last one was. */
  ticks: number;
  lastTick: number;
};

/** Bins by the logarithms of both rates keep old rates in memory while a new one lasts. */
const binsPerOctave = 3;
const binsMax = 400;
const ticksMost = 300;
/** In ticks: what was seen so long ago counts half. */
const halfLife = 600;
/** What costs of one time differ by from those of another. */
const ofBin = 0.03;
/** A tick that says less than this of its seat says nothing of its node. */
const workLeast = 0.1;
const seatsPerTickMax = 64;
const ofSameDevice = 0.04;
const ofKnownSpeed = 0.1;
const ofUnknownSpeed = 0.4;
/** Of one tick, and what a node that is still compiling is off by: half of it after so many ticks. */
/** How many times stronger or weaker than its device says a node may be: one wrong fit must not spoil what is seen after it. */
const ratioMost = 3;
const ratioOfUnknownMost = 10;
/** Of the work of the busiest time, and in seconds of a core of speed 1: a worker that has nothing to do does little. */
const fixedMost = { share: 0.3, seconds: 0.02 };
/** Fewer results than this for each record are none yet: the first windows are open. */
const resultsLeast = 1e-4;
const ofTick = 0.1;
const ofCold = 0.08;
const coldHalfLife = 45;

export class CostLearner {
  readonly #nodes: ReadonlyMap<string, NodeFacts>;
  readonly #bins = new Map<string, Bin>();
  readonly #ratios = new Map<string, RunningMedian>();
  /** The mean factor of a device's nodes, until something new is seen. */
  readonly #byDevice = new Map<string, number | undefined>();
  readonly #freezing = new RunningMedian(31);
  readonly #work: WorkSeen;
  readonly #everyMs: number | undefined;
  /** By node: ticks that it was seen at work. */
  readonly #worked = new Map<string, number>();
  #tick = 0;
  #fitted: Costs | undefined;
  #isStale = false;
  /** Of all nodes; without it costs and factors could drift together, one up and the other down. */
  #meanFactor = 0;

  constructor(nodes: readonly NodeFacts[], job: JobFacts) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    this.#work = new WorkSeen(nodes, job);
    this.#everyMs = job.checkpointEveryMs;
  }

  tick(observation: Observation, cleaned: readonly CleanSeat[]): void {
    const seats = this.#work.tick(observation, cleaned);
    this.#byDevice.clear();
    const step = Math.max(1, Math.ceil(seats.length / seatsPerTickMax));
    for (let at = ++this.#tick % step; at < seats.length; at += step) {
      const seat = seats[at];
      if (seat === undefined) continue;
      const { node, recordsIn, recordsOut, weight } = seat;
      const work = seat.work * this.pace(node).value * Math.exp(this.#meanFactor);
      const place = (rate: number) => Math.round(Math.log2(rate + 1) * binsPerOctave);
      const key = `${place(recordsIn)} ${place(recordsOut)}`;
      const bin = this.#bins.get(key) ?? {
        recordsIn: new RunningMedian(15),
        recordsOut: new RunningMedian(15),
        work: new RunningMedian(15),
        weight: new RunningMedian(15),
        ticks: 0,
        lastTick: 0,
      };
      // What was seen again goes to the end; what was not for longest is first to go.
      this.#bins.delete(key);
      this.#bins.set(key, bin);
      if (this.#bins.size > binsMax) this.#bins.delete(this.#bins.keys().next().value!);
      bin.recordsIn.add(recordsIn);
      bin.recordsOut.add(recordsOut);
      bin.work.add(work);
      bin.weight.add(weight);
      bin.ticks = Math.min(ticksMost, bin.ticks + 1);
      bin.lastTick = this.#tick;
      this.#isStale = true;
      this.#compare(seat);
    }
  }

  #compare({ node, recordsIn, recordsOut, work }: SeatWork): void {
    const costs = this.#fitted;
    if (costs === undefined || work < workLeast) return;
    const expected = costs.fixed + costs.perRecord * recordsIn + costs.perResult * recordsOut;
    const ratios = this.#ratios.get(node) ?? new RunningMedian(61);
    this.#ratios.set(node, ratios);
    this.#worked.set(node, (this.#worked.get(node) ?? 0) + 1);
    const limit = this.#nodes.get(node)?.speed === undefined ? ratioOfUnknownMost : ratioMost;
    const ratio = (work * this.#speed(node)) / expected;
    ratios.add(Math.log(Math.min(limit, Math.max(1 / limit, ratio))));
  }

  /** What whole cycles cost beyond what their ticks usually do is freezing, which only few ticks have. */
  cycle(seats: readonly CleanSeat[]): void {
    const costs = this.costs();
    if (costs === undefined || this.#everyMs === undefined) return;
    let [beyond, bytes] = [0, 0];
    for (const seat of seats) {
      const { node, recordsIn, recordsOut, stateBytes } = seat;
      const work = this.#work.work(seat);
      if (recordsIn === undefined || recordsOut === undefined || work === undefined || !stateBytes) continue;
      const usual = costs.fixed + costs.perRecord * recordsIn + costs.perResult * recordsOut;
      beyond += work * this.pace(node).value - usual;
      bytes += (stateBytes * 1000) / this.#everyMs;
    }
    if (bytes > 0) this.#freezing.add(beyond / bytes);
  }

  costs(): Costs | undefined {
    if (this.#isStale) this.#fit();
    return this.#fitted && { ...this.#fitted, perStateByte: this.#perStateByte };
  }

  /** What is no more than cycles differ by is none. */
  get #perStateByte(): number {
    const { count, median = 0, deviation } = this.#freezing;
    return count === 0 ? 0 : Math.max(0, median - deviation / Math.sqrt(count));
  }

  #fit(): void {
    this.#isStale = false;
    const factors = [...this.#ratios.values()].flatMap(({ count, median }) => (count >= 3 ? median! : []));
    this.#meanFactor = factors.reduce((sum, one) => sum + one, 0) / Math.max(1, factors.length);
    const bins = [...this.#bins.values()];
    const most = (of: (bin: Bin) => number) => Math.max(1e-9, ...bins.map(of));
    const inMost = most((bin) => bin.recordsIn.median!);
    const outMost = most((bin) => bin.recordsOut.median!);
    const workMost = most((bin) => bin.work.median!);
    if (bins.reduce((sum, bin) => sum + bin.work.count, 0) < 3 || inMost < 1e-6) return;
    const perMost = outMost < resultsLeast * inMost ? 0 : 1 / outMost;
    const rows = bins.map(({ recordsIn, recordsOut, work, weight, ticks, lastTick }): Row => {
      const y = work.median! / workMost;
      const recent = weight.median! * 2 ** ((lastTick - this.#tick) / halfLife);
      // However many ticks a bin is of, they are of one time, in which costs were what they were.
      const variance = (0.03 * y + 0.01) ** 2 / ticks + (ofBin * y) ** 2;
      return {
        x: [1, recordsIn.median! / inMost, recordsOut.median! * perMost],
        y,
        weight: recent / Math.max(variance, 1e-9),
      };
    });
    const [fixed, perRecord, perResult] = fitted(
      rows,
      Math.min(1, Math.max(fixedMost.share, fixedMost.seconds / workMost)),
    );
    this.#fitted = {
      fixed: fixed * workMost,
      perRecord: (perRecord * workMost) / inMost,
      perResult: perResult * workMost * perMost,
      perStateByte: 0,
    };
  }

  pace(node: string): Pace {
    const speed = this.#speed(node);
    const seen = this.#ratios.get(node);
    const count = seen?.count ?? 0;
    const before = this.#expected(node);
    const cold = ofCold * 2 ** (-(this.#worked.get(node) ?? 0) / coldHalfLife);
    const known = before.deviation ** 2;
    const trust = count === 0 ? 0 : known / (known + cold ** 2 + ofTick ** 2 / count);
    const factor = trust * (seen?.median ?? 0) + (1 - trust) * before.factor;
    const deviation = Math.hypot(0.01, (1 - trust) * before.deviation);
    return { value: speed * Math.exp(-factor), deviation };
  }

  /** From nodes of the device, when some were seen. */
  #expected(node: string): { factor: number; deviation: number } {
    const own = this.#nodes.get(node);
    const device = own?.device ?? "";
    if (!this.#byDevice.has(device)) {
      const factors = [...this.#ratios].flatMap(([other, { count, median }]) =>
        count >= 3 && this.#nodes.get(other)?.device === device ? median! : [],
      );
      const mean = factors.reduce((sum, one) => sum + one, 0) / factors.length;
      this.#byDevice.set(device, factors.length === 0 ? undefined : mean);
    }
    const factor = this.#byDevice.get(device);
    if (factor !== undefined) return { factor, deviation: ofSameDevice };
    return { factor: 0, deviation: own?.speed === undefined ? ofUnknownSpeed : ofKnownSpeed };
  }

  #speed(node: string): number {
    const { speed } = this.#nodes.get(node) ?? {};
    return speed !== undefined && speed > 0 ? speed : 1;
  }
}

const beliefs = [
  { value: 0.01, deviation: 0.02 },
  { value: 0.5, deviation: 1 },
  { value: 0.3, deviation: 1 },
] as const;

/**
 * Fixed cost, cost of a record, cost of a result, as parts of the most that was seen. Where all that was seen is nodes at
 * their limit, whose cost of a record falls as they warm up, least squares alone would call nearly all work fixed.
 */
function fitted(rows: readonly Row[], fixedAtMost: number): [number, number, number] {
  const free = robustNonnegative(rows, beliefs) as [number, number, number];
  if (free[0] <= fixedAtMost) return free;
  const others = rows.map(({ x, y, weight }) => ({ x: x.slice(1), y: y - fixedAtMost, weight }));
  const [perRecord, perResult] = robustNonnegative(others, beliefs.slice(1)) as [number, number];
  return [fixedAtMost, perRecord, perResult];
}
