/** Questions that the generators ask of a network: what a pair feels, which links it shares, how far it reaches. */
import type { Conditions, Network, Segment } from "#testbed/network/conditions.ts";

export function conditionsOf(network: Network, from: number, to: number): Conditions {
  return network.conditions[network.pairs[from * network.nodes.length + to]!]!;
}

export function upOf(network: Network, node: number): Segment | undefined {
  return network.segments[network.up[node] ?? -1];
}

export function downOf(network: Network, node: number): Segment | undefined {
  return network.segments[network.down[node] ?? -1];
}

/** The shared links between the two access links, in travelling order. */
export function innerPath(network: Network, from: number, to: number): readonly number[] {
  return network.paths[network.pairPaths[from * network.nodes.length + to] ?? 0] ?? [];
}

/** Whether a pair needs a class at all. MTU and duplication have filters of their own but send copies to a class. */
export function asksSomething(conditions: Conditions): boolean {
  return (
    conditions.delayMs > 0 ||
    conditions.jitter !== undefined ||
    conditions.loss !== undefined ||
    (conditions.duplicateRatio ?? 0) > 0 ||
    (conditions.corruptRatio ?? 0) > 0 ||
    conditions.rateBitsPerSecond !== undefined ||
    conditions.mtuBytes !== undefined ||
    conditions.cut === true
  );
}

/** The longest delay on the way out of a node: the queue of its up link must be long enough for it. */
export function longestDelayFrom(network: Network, from: number): number {
  let longest = 0;
  for (let to = 0; to < network.nodes.length; to++) {
    if (to !== from) longest = Math.max(longest, conditionsOf(network, from, to).delayMs);
  }
  return longest;
}
