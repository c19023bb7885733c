/**
 * How hard seats work at which rates, from ticks to what can be fitted. CPU time grows in proportion to what is done; busy
 * time does not where a node is held to a quota: half loaded it is hardly ever held, and then most of the time.
 */
import { RunningMedian } from "../math/running-median.ts";
import type { JobFacts, NodeFacts, Observation } from "../observation.ts";
import type { CleanSeat } from "./clean-tick.ts";
import { isOtherLoad, sameConfiguration } from "./cycles.ts";

export type SeatWork = {
  readonly node: string;
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** Of what the seat can do, the part that it does. */
  readonly work: number;
  /** How far to believe it. */
  readonly weight: number;
};

/** Counters of records and of CPU are read at different moments: single ticks belong together only roughly. */
const ticksUnwindowed = 5;
/** Where windows fire, ticks differ by much more than that, and tell records from results. */
const ticksWindowed = 2;
/** After another load was asked for. */
const ticksSkipped = 2;
/** A seat that is always busy uses all CPU that it can. */
const alwaysBusy = 0.97;
const fullLeast = 3;
/** Of what busy time tells of a seat that is hardly busy. */
const weightLeast = 0.05;

export class WorkSeen {
  readonly #devices: ReadonlyMap<string, string>;
  readonly #ticks: number;
  /** By device: what cpu is while a seat is always busy. Less than 1 where a node has more cores than a seat can use. */
  readonly #full = new Map<string, RunningMedian>();
  readonly #haveCpu = new Set<string>();
  #recent: (readonly CleanSeat[])[] = [];
  #last: Observation | undefined;
  #skip = 0;

  constructor(nodes: readonly NodeFacts[], { windowMs }: JobFacts) {
    this.#devices = new Map(nodes.map(({ name, device }) => [name, device]));
    this.#ticks = windowMs === undefined || windowMs <= 1000 ? ticksUnwindowed : ticksWindowed;
  }

  /** By seat; undefined for those of which this says nothing. */
  tick(observation: Observation, seats: readonly CleanSeat[]): readonly (SeatWork | undefined)[] {
    const last = this.#last;
    this.#last = observation;
    const isSame = last !== undefined && sameConfiguration(last.configuration, observation.configuration);
    if (!isSame || isOtherLoad(last, observation)) {
      this.#recent = [];
      this.#skip = isSame ? ticksSkipped : 0;
    }
    if (this.#skip-- > 0) return [];
    this.#recent = [...this.#recent, seats].slice(-this.#ticks);
    for (const { node, busy, cpu } of seats) {
      if (cpu === undefined) continue;
      this.#haveCpu.add(node);
      if (busy !== undefined && busy >= alwaysBusy) this.#fullOf(node).add(cpu);
    }
    return seats.map((seat, at) => this.#workOf(seat.node, at));
  }

  /** Of one seat over a while, in the same measure. */
  work({ node, busy, cpu }: CleanSeat): number | undefined {
    if (cpu !== undefined) return cpu / this.#fullCpu(node);
    return this.#haveCpu.has(node) ? undefined : busy;
  }

  #workOf(node: string, at: number): SeatWork | undefined {
    const rows = this.#recent.flatMap((seats) => {
      const seat = seats[at]!;
      const { recordsIn, recordsOut } = seat;
      const work = this.work(seat);
      return recordsIn === undefined || recordsOut === undefined || work === undefined
        ? []
        : [{ recordsIn, recordsOut, work }];
    });
    if (rows.length < Math.min(this.#ticks, 3) - 1 || rows.length === 0) return undefined;
    const work = usual(rows.map((row) => row.work));
    // Busy time understates what a node with a quota does at low load, and nobody knows whether it has one.
    const weight = this.#haveCpu.has(node) ? 1 : Math.max(weightLeast, work * work);
    const recordsIn = usual(rows.map((row) => row.recordsIn));
    return { node, recordsIn, recordsOut: usual(rows.map((row) => row.recordsOut)), work, weight };
  }

  #fullCpu(node: string): number {
    const full = this.#fullOf(node);
    return full.count < fullLeast ? 1 : full.median!;
  }

  #fullOf(node: string): RunningMedian {
    const device = this.#devices.get(node) ?? "";
    const known = this.#full.get(device) ?? new RunningMedian(61);
    this.#full.set(device, known);
    return known;
  }
}

/** The mean; of four and more without the least and the greatest, of which one may be nonsense. */
function usual(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const kept = sorted.length < 4 ? sorted : sorted.slice(1, -1);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
