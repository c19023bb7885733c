/**
 * What is kept of every ordered pair, 32 bytes each: half a cache line that holds all an ordinary packet reads.
 * Never touched for a pair without packets, so 500 nodes cost their 8 MB as address space first.
 */
import { RecordTable } from "./record-table.ts";

export const pairWords = 8;
export const pairFloats = pairWords / 2;

/** Float: no packet of the pair may be due before. */
export const lastDueNs = 0;
/** Words: slot + 1 of the first and last packet in the delay (0: none). */
export const firstDelayed = 2;
export const lastDelayed = 3;
/** The set of conditions in force; 0, which is cut, for pairs beyond the network's nodes. */
export const conditionSet = 4;
/** The route, see routes.ts: its plan, its first flow, and the shaper of the pair's own rate + 1 (0: none). */
export const routePlan = 5;
export const routeFirstFlow = 6;
export const ownShaper = 7;

export class PairState {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly nodeCapacity: number;

  constructor(nodeCapacity: number) {
    const table = new RecordTable(nodeCapacity ** 2, pairWords);
    this.nodeCapacity = nodeCapacity;
    this.words = table.words;
    this.floats = table.floats;
  }

  get pairs(): number {
    return this.nodeCapacity ** 2;
  }

  sourceOf(pair: number): number {
    return Math.floor(pair / this.nodeCapacity);
  }

  targetOf(pair: number): number {
    return pair % this.nodeCapacity;
  }
}
