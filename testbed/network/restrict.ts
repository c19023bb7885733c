/** The part of a network that concerns some of its nodes, in the order given. Pure. */
import type { Network } from "./conditions.ts";

export function restrictNetwork(network: Network, keep: readonly number[]): Network {
  const size = network.nodes.length;
  const pick = (table: Uint32Array) => {
    const picked = new Uint32Array(keep.length ** 2);
    keep.forEach((from, row) => {
      keep.forEach((to, column) => {
        picked[row * keep.length + column] = table[from * size + to]!;
      });
    });
    return picked;
  };
  return {
    ...network,
    nodes: keep.map((node) => network.nodes[node]!),
    up: Int32Array.from(keep, (node) => network.up[node]!),
    down: Int32Array.from(keep, (node) => network.down[node]!),
    pairs: pick(network.pairs),
    pairPaths: pick(network.pairPaths),
  };
}
