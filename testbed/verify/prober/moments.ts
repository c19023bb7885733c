/** The flows of a job by number, and a moment for each probe of some of them. Pure. */
import type { Family } from "../probe-size.ts";
import type { CoupleJob } from "./job.ts";

export type Flow = { from: number; to: number; family: Family; count: number };

/** Each couple is two flows: number 2i from a to b, number 2i + 1 back. */
export function flowsOf(couples: readonly CoupleJob[]): Flow[] {
  return couples.flatMap(({ a, b, family, count }) => [
    { from: a, to: b, family, count },
    { from: b, to: a, family, count },
  ]);
}

/** Nanoseconds by flow and turn, NaN where there is none; of the chosen flows alone, in the order of their numbers. */
export class Moments {
  readonly ns: Float64Array;
  readonly #flows: readonly Flow[];
  /** Flow → place of its first probe, or -1. */
  readonly #first: Int32Array;

  constructor(flows: readonly Flow[], chosen: (flow: Flow) => boolean, ns?: Float64Array) {
    this.#flows = flows;
    this.#first = new Int32Array(flows.length).fill(-1);
    let total = 0;
    flows.forEach((flow, number) => {
      if (!chosen(flow)) return;
      this.#first[number] = total;
      total += flow.count;
    });
    if (ns && ns.length !== total) throw new Error(`${ns.length} moments came for ${total} probes`);
    this.ns = ns ?? new Float64Array(total).fill(Number.NaN);
  }

  /** Where the moment of a probe stands; -1 when it is none of these. */
  placeOf(flow: number, turn: number): number {
    const first = this.#first[flow] ?? -1;
    return first < 0 || turn < 0 || turn >= this.#flows[flow]!.count ? -1 : first + turn;
  }

  /** Shares the memory. */
  of(flow: number): Float64Array {
    const first = this.#first[flow]!;
    if (first < 0) throw new Error(`flow ${flow} was asked of a prober that has no part in it`);
    return this.ns.subarray(first, first + this.#flows[flow]!.count);
  }
}

export function packMoments({ ns }: Moments): string {
  return Buffer.from(ns.buffer, ns.byteOffset, ns.byteLength).toString("base64");
}

export function unpackMoments(text: string): Float64Array {
  const bytes = Buffer.from(text, "base64");
  const ns = new Float64Array(bytes.length / 8);
  new Uint8Array(ns.buffer).set(bytes);
  return ns;
}
