/**
 * What the autoscaler believes of the network: estimated round trips between nodes with how sure they are, and rates that
 * were measured. Plain data, so that a record can hold what a decision was made from; `undefined` is "not known".
 */
export type PairBelief = {
  readonly rttMs: number;
  readonly lowMs: number;
  readonly highMs: number;
};

export type NetworkTable = {
  readonly nodes: readonly string[];
  /** Row by column in the order of `nodes`; null where nothing is known. Symmetric: a round trip has both ways in it. */
  readonly pairs: readonly (readonly (PairBelief | null)[])[];
  /** By node: what its own link carries up and down, in bits per second, where that was measured or said. */
  readonly up: Readonly<Record<string, number>>;
  readonly down: Readonly<Record<string, number>>;
};

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
      if (row === undefined || column === undefined) return undefined;
      return table.pairs[row]?.[column] ?? undefined;
    },
    upBitsPerSecond: (node) => table.up[node],
    downBitsPerSecond: (node) => table.down[node],
  };
}
