/**
 * What a record and a result cost in CPU, learnt from how busy seats are: busy = fixed + in × cIn + out × cOut, on a
 * core of speed 1. Each node has a factor beside its device's speed, since boards of one kind differ.
 */

import { type Row, robustNonnegative } from "../math/nonnegative-least-squares.ts";
import { RunningMedian } from "../math/running-median.ts";
import type { NodeFacts } from "../observation.ts";
import type { CleanSeat } from "./clean-tick.ts";

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
/** A tick that says less than this of its seat says nothing of its node. */
const busyLeast = 0.1;
const seatsPerTickMax = 64;
const ofSameDevice = 0.04;
const ofKnownSpeed = 0.1;
const ofUnknownSpeed = 0.4;

export class CostLearner {
  readonly #nodes: ReadonlyMap<string, NodeFacts>;
  readonly #bins = new Map<string, Bin>();
  readonly #ratios = new Map<string, RunningMedian>();
  /** The mean factor of a device's nodes, until something new is seen. */
  readonly #byDevice = new Map<string, number | undefined>();
  readonly #freezing = new RunningMedian(31);
  readonly #everyMs: number | undefined;
  #tick = 0;
  #fitted: Costs | undefined;
  #isStale = false;
  /** Of all nodes; without it costs and factors could drift together, one up and the other down. */
  #meanFactor = 0;

  constructor(nodes: readonly NodeFacts[], checkpointEveryMs: number | undefined) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    this.#everyMs = checkpointEveryMs;
  }

  tick(seats: readonly CleanSeat[]): void {
    this.#byDevice.clear();
    const step = Math.max(1, Math.ceil(seats.length / seatsPerTickMax));
    for (let at = ++this.#tick % step; at < seats.length; at += step) {
      const { node, recordsIn, recordsOut, busy } = seats[at]!;
      if (recordsIn === undefined || recordsOut === undefined || busy === undefined) continue;
      const work = busy * this.pace(node).value * Math.exp(this.#meanFactor);
      const place = (rate: number) => Math.round(Math.log2(rate + 1) * binsPerOctave);
      const key = `${place(recordsIn)} ${place(recordsOut)}`;
      const bin = this.#bins.get(key) ?? {
        recordsIn: new RunningMedian(15),
        recordsOut: new RunningMedian(15),
        work: new RunningMedian(15),
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
      bin.ticks = Math.min(ticksMost, bin.ticks + 1);
      bin.lastTick = this.#tick;
      this.#isStale = true;
      this.#compare(node, busy, recordsIn, recordsOut);
    }
  }

  #compare(node: string, busy: number, recordsIn: number, recordsOut: number): void {
    const costs = this.#fitted;
    if (costs === undefined || busy < busyLeast) return;
    const work = costs.fixed + costs.perRecord * recordsIn + costs.perResult * recordsOut;
    const ratios = this.#ratios.get(node) ?? new RunningMedian(61);
    this.#ratios.set(node, ratios);
    ratios.add(Math.log((busy * this.#speed(node)) / work));
  }

  /** What whole cycles cost beyond what their ticks usually do is freezing, which only few ticks have. */
  cycle(seats: readonly CleanSeat[]): void {
    const costs = this.costs();
    if (costs === undefined || this.#everyMs === undefined) return;
    let [beyond, bytes] = [0, 0];
    for (const { node, recordsIn, recordsOut, busy, stateBytes } of seats) {
      if (recordsIn === undefined || recordsOut === undefined || busy === undefined || !stateBytes) continue;
      const work = costs.fixed + costs.perRecord * recordsIn + costs.perResult * recordsOut;
      beyond += busy * this.pace(node).value - work;
      bytes += (stateBytes * 1000) / this.#everyMs;
    }
    if (bytes > 0) this.#freezing.add(Math.max(0, beyond / bytes));
  }

  costs(): Costs | undefined {
    if (this.#isStale) this.#fit();
    return this.#fitted && { ...this.#fitted, perStateByte: this.#freezing.median ?? 0 };
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
    const rows = bins.map(({ recordsIn, recordsOut, work, ticks, lastTick }): Row => {
      const y = work.median! / workMost;
      return {
        x: [1, recordsIn.median! / inMost, recordsOut.median! / outMost],
        y,
        weight: (ticks * 2 ** ((lastTick - this.#tick) / halfLife)) / (0.03 * y + 0.01) ** 2,
      };
    });
    const [fixed, perRecord, perResult] = robustNonnegative(rows, [
      { value: 0.01, deviation: 0.02 },
      { value: 0.5, deviation: 1 },
      { value: 0.3, deviation: 1 },
    ]);
    this.#fitted = {
      fixed: fixed! * workMost,
      perRecord: (perRecord! * workMost) / inMost,
      perResult: (perResult! * workMost) / outMost,
      perStateByte: 0,
    };
  }

  pace(node: string): Pace {
    const speed = this.#speed(node);
    const seen = this.#ratios.get(node);
    const count = seen?.count ?? 0;
    const before = this.#expected(node);
    // A few ticks' worth of what was believed before.
    const trust = count / (count + 40 * (0.03 / before.deviation) ** 2);
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
