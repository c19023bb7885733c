/** Configurations as values: made from an order of nodes, compared, named. */
import type { Configuration, NodeFacts } from "../observation.ts";

/** All seats that there are: one on each node in the order given, then the second ones of those that may hold two, … */
export function seatsInOrder(nodes: readonly NodeFacts[]): string[] {
  const most = nodes.reduce((slots, node) => Math.max(slots, node.slots), 0);
  const seats: string[] = [];
  for (let round = 1; round <= most; round++) {
    for (const node of nodes) if (node.slots >= round) seats.push(node.name);
  }
  return seats;
}

export function evenly(nodes: readonly string[]): Configuration {
  return { seats: nodes.map((node) => ({ node, share: 1 / nodes.length })) };
}

/** Shares in proportion to weights above 0; even ones where the weights say nothing. */
export function weighted(nodes: readonly string[], weights: readonly number[]): Configuration {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0) || !Number.isFinite(sum) || weights.some((weight) => !(weight > 0))) return evenly(nodes);
  return { seats: nodes.map((node, index) => ({ node, share: weights[index]! / sum })) };
}

/** The same for the same seats whatever their order; shares are told apart to a thousandth. */
export function nameOf({ seats }: Configuration): string {
  return seats
    .map(({ node, share }) => `${node}:${share.toFixed(3)}`)
    .sort()
    .join(" ");
}

/** Nodes as people say them: those that hold two seats are there twice. */
export function nodesOf({ seats }: Configuration): string {
  return seats.map(({ node }) => node).join(", ");
}

/** How many seats of `to` are not in `from`, by node. */
export function newSeats(from: Configuration, to: Configuration): string[] {
  const had = new Map<string, number>();
  for (const { node } of from.seats) had.set(node, (had.get(node) ?? 0) + 1);
  return to.seats.flatMap(({ node }) => {
    const left = had.get(node) ?? 0;
    had.set(node, left - 1);
    return left > 0 ? [] : [node];
  });
}
