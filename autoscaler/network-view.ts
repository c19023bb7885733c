import { PairBeliefs } from "./pair-beliefs.ts";

/**
 * What the autoscaler believes of the network: estimated round trips between nodes with how sure they are, and rates that
 * were measured; `undefined` is "not known".
 */
export type PairBelief = {
  readonly rttMs: number;
  readonly lowMs: number;
  readonly highMs: number;
};

export type NetworkTable = {
  readonly nodes: readonly string[];
  /** In the order of `nodes`. */
  readonly pairs: PairBeliefs;
  /** By node: what its own link carries up and down, in bits per second, where that was measured or said. */
  readonly up: Readonly<Record<string, number>>;
  readonly down: Readonly<Record<string, number>>;
};

/** Before anything is known. */
export const noNetwork: NetworkTable = { nodes: [], pairs: new PairBeliefs(0), up: {}, down: {} };

export interface NetworkView {
  /** 0 ± 0 within one node; undefined where nothing is known. */
  pair(one: string, other: string): PairBelief | undefined;
  upBitsPerSecond(node: string): number | undefined;
  downBitsPerSecond(node: string): number | undefined;
}

export function networkView(table: NetworkTable): NetworkView {
  const place = new Map(table.nodes.map((name, index) => [name, index]));
  return {
    pair(one, other) {
      if (one === other) return { rttMs: 0, lowMs: 0, highMs: 0 };
      const [row, column] = [place.get(one), place.get(other)];
      return row === undefined || column === undefined ? undefined : table.pairs.at(row, column);
    },
    upBitsPerSecond: (node) => table.up[node],
    downBitsPerSecond: (node) => table.down[node],
  };
}
