/**
 * A belief for each pair of nodes, in columns: of a thousand nodes they are half a million, for which objects would
 * take ten times the memory. A round trip has both ways in it, so a pair and its reverse are one.
 */
import type { PairBelief } from "./network-view.ts";

const known = 3;

export class PairBeliefs {
  readonly size: number;
  /** Round trip, low, high of each pair in turn; a round trip that is not a number is not known. */
  readonly #values: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#values = new Float64Array(((size * (size - 1)) / 2) * known).fill(Number.NaN);
  }

  /** Undefined where nothing is known; within a node there is no way to go. */
  at(one: number, other: number): PairBelief | undefined {
    if (one === other) return { rttMs: 0, lowMs: 0, highMs: 0 };
    const place = placeOf(one, other);
    const rttMs = this.#values[place]!;
    if (Number.isNaN(rttMs)) return undefined;
    return { rttMs, lowMs: this.#values[place + 1]!, highMs: this.#values[place + 2]! };
  }

  set(one: number, other: number, { rttMs, lowMs, highMs }: PairBelief): void {
    if (one === other) throw new RangeError("within a node there is nothing to believe");
    this.#values.set([rttMs, lowMs, highMs], placeOf(one, other));
  }
}

/** Rows of the lower triangle, one behind the other. */
function placeOf(one: number, other: number): number {
  const [row, column] = one > other ? [one, other] : [other, one];
  return ((row * (row - 1)) / 2 + column) * known;
}
