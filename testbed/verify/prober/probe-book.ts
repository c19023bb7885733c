/** Keeps account of the probes that leave or come in here: when each did, and what happened to it on the way. Pure. */
import type { Family } from "../probe-size.ts";
import { type Flow, Moments, packMoments } from "./moments.ts";
import type { ProbeLog } from "./orders.ts";
import { isWhole, warmUp } from "./payload.ts";

export class ProbeBook {
  /** Probes that may still come. */
  outstanding = 0;
  readonly #flows: readonly Flow[];
  readonly #isHere: (endpoint: number) => boolean;
  readonly #sent: Moments;
  readonly #arrived: Moments;
  readonly #highest: Int32Array;
  readonly #duplicates: Uint32Array;
  readonly #corrupted: Uint32Array;
  readonly #overtaken: Uint32Array;
  readonly #flowOf = new Map<string, number>();

  constructor(flows: readonly Flow[], isHere: (endpoint: number) => boolean) {
    this.#flows = flows;
    this.#isHere = isHere;
    this.#sent = new Moments(flows, ({ from }) => isHere(from));
    this.#arrived = new Moments(flows, ({ to }) => isHere(to));
    flows.forEach(({ from, to, family, count }, number) => {
      this.#flowOf.set(`${family} ${from} ${to}`, number);
      // Whether somebody else's kernel took a probe is not known here.
      if (isHere(to) && !isHere(from)) this.outstanding += count;
    });
    this.#highest = new Int32Array(flows.length).fill(-1);
    this.#duplicates = new Uint32Array(flows.length);
    this.#corrupted = new Uint32Array(flows.length);
    this.#overtaken = new Uint32Array(flows.length);
  }

  sent(flow: number, turn: number, atNs: number): void {
    this.#sent.ns[this.#sent.placeOf(flow, turn)] = atNs;
    if (this.#isHere(this.#flows[flow]!.to)) this.outstanding++;
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
    const place = this.#arrived.placeOf(flow, turn);
    if (place < 0) return;
    if (!Number.isNaN(this.#arrived.ns[place]!)) {
      this.#duplicates[flow]!++;
      return;
    }
    this.#arrived.ns[place] = atNs;
    this.outstanding--;
    if (turn < this.#highest[flow]!) this.#overtaken[flow]!++;
    else this.#highest[flow] = turn;
  }

  log(): ProbeLog {
    return {
      sentNs: packMoments(this.#sent),
      arrivedNs: packMoments(this.#arrived),
      duplicates: [...this.#duplicates],
      corrupted: [...this.#corrupted],
      overtaken: [...this.#overtaken],
    };
  }
}
