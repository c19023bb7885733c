/** Keeps account of every probe: when it left, when it came, and what happened to it on the way. Pure. */
import type { Family } from "../probe-size.ts";
import { summarise } from "../samples.ts";
import type { CoupleJob, CoupleResult, FlowResult } from "./job.ts";
import { isWhole, warmUp } from "./payload.ts";

/** Each couple is two flows: number 2i from a to b, number 2i + 1 back. */
export class ProbeBook {
  /** Probes that may still come. */
  outstanding = 0;
  readonly #couples: readonly CoupleJob[];
  /** Couple → place of its first probe's note; the forward ones stand first, then those back. */
  readonly #first: number[] = [];
  readonly #sentNs: Float64Array;
  readonly #oneWayNs: Float64Array;
  readonly #highest: Int32Array;
  readonly #duplicates: Uint32Array;
  readonly #corrupted: Uint32Array;
  readonly #overtaken: Uint32Array;
  readonly #flowOf = new Map<string, number>();

  constructor(couples: readonly CoupleJob[]) {
    this.#couples = couples;
    let total = 0;
    couples.forEach(({ a, b, family, count }, index) => {
      this.#first.push(total);
      total += 2 * count;
      this.#flowOf.set(`${family} ${a} ${b}`, 2 * index);
      this.#flowOf.set(`${family} ${b} ${a}`, 2 * index + 1);
    });
    this.#sentNs = new Float64Array(total).fill(Number.NaN);
    this.#oneWayNs = new Float64Array(total).fill(Number.NaN);
    this.#highest = new Int32Array(2 * couples.length).fill(-1);
    this.#duplicates = new Uint32Array(2 * couples.length);
    this.#corrupted = new Uint32Array(2 * couples.length);
    this.#overtaken = new Uint32Array(2 * couples.length);
  }

  sent(flow: number, turn: number, atNs: number): void {
    this.#sentNs[this.#placeOf(flow, turn)] = atNs;
    this.outstanding++;
  }

  arrived(
    to: number,
    from: number,
    family: Family,
    memory: Int32Array,
    word: number,
    bytes: number,
    atNs: number,
  ): void {
    if (!isWhole(memory, word, bytes)) {
      const flow = this.#flowOf.get(`${family} ${from} ${to}`);
      if (flow === undefined) return; // Of somebody else, who sent to a port that happened to be ours.
      this.#corrupted[flow]!++;
      this.outstanding--;
      return;
    }
    const flow = memory[word + 1]!;
    const turn = memory[word + 2]!;
    if (turn === warmUp) return;
    const place = this.#placeOf(flow, turn);
    if (!Number.isNaN(this.#oneWayNs[place]!)) {
      this.#duplicates[flow]!++;
      return;
    }
    this.#oneWayNs[place] = atNs - this.#sentNs[place]!;
    this.outstanding--;
    if (turn < this.#highest[flow]!) this.#overtaken[flow]!++;
    else this.#highest[flow] = turn;
  }

  results(): CoupleResult[] {
    return this.#couples.map((couple, index) => {
      const roundTripMs = summarise(this.#roundTripsMs(couple, index));
      return {
        forward: this.#flow(2 * index),
        back: this.#flow(2 * index + 1),
        ...(roundTripMs && { roundTripMs }),
      };
    });
  }

  #placeOf(flow: number, turn: number): number {
    const couple = flow >> 1;
    return this.#first[couple]! + turn + ((flow & 1) === 0 ? 0 : this.#couples[couple]!.count);
  }

  #flow(flow: number): FlowResult {
    const start = this.#placeOf(flow, 0);
    const end = start + this.#couples[flow >> 1]!.count;
    const known = (times: Float64Array) => times.subarray(start, end).filter((time) => !Number.isNaN(time));
    const delays = known(this.#oneWayNs);
    const oneWayMs = summarise(delays.map((ns) => ns / 1e6));
    return {
      sent: known(this.#sentNs).length,
      arrived: delays.length,
      duplicates: this.#duplicates[flow]!,
      corrupted: this.#corrupted[flow]!,
      overtaken: this.#overtaken[flow]!,
      ...(oneWayMs && { oneWayMs }),
    };
  }

  #roundTripsMs({ count }: CoupleJob, couple: number): Float64Array {
    const first = this.#first[couple]!;
    const sums = Float64Array.from(
      { length: count },
      (_, turn) => (this.#oneWayNs[first + turn]! + this.#oneWayNs[first + count + turn]!) / 1e6,
    );
    return sums.filter((sum) => !Number.isNaN(sum));
  }
}
