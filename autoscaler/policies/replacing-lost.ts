/**
 * What a policy does that has no word for nodes that are gone: their seats go to the nearest free nodes, before it is
 * asked anything. Published policies leave this to whatever runs the job; here a lost node must not look like their fault.
 */
import type { Configuration } from "../observation.ts";
import { nearestFirst } from "./nearness.ts";
import type { Decision, Policy, PolicyInput } from "./policy.ts";
import { evenly, nodesOf, seatsInOrder } from "./seats.ts";

export function replacingLost(policy: Policy): Policy {
  return {
    name: policy.name,
    decide: (input) => replacement(input) ?? policy.decide(input),
  };
}

/** Undefined when no seat of what runs is on a lost node. */
export function replacement(input: PolicyInput): Decision | undefined {
  const latest = input.history.at(-1);
  if (latest === undefined) return undefined;
  const usable = new Set(input.world.nodes.map(({ name }) => name));
  const lost = latest.configuration.seats.filter(({ node }) => !usable.has(node));
  if (lost.length === 0) return undefined;
  const gone = lost.map(({ node }) => node).join(", ");
  const to = withoutLost(input, latest.configuration);
  if (to === undefined) return { do: "stay", because: `${gone}: lost, and no node is left to go to` };
  return { do: "rescale", to, because: `${gone}: lost; now on ${nodesOf(to)}` };
}

/** What is left, with as many seats as before if there are nodes for them. */
export function withoutLost(
  { world, network, bounds }: Pick<PolicyInput, "world" | "network" | "bounds">,
  from: Configuration,
): Configuration | undefined {
  const all = seatsInOrder(nearestFirst(world.nodes, world.job, network));
  const free = [...all];
  const kept: string[] = [];
  for (const { node } of from.seats) {
    const place = free.indexOf(node);
    if (place < 0) continue;
    free.splice(place, 1);
    kept.push(node);
  }
  const wanted = Math.min(bounds.max, Math.max(bounds.min, from.seats.length), all.length);
  const seats = [...kept, ...free].slice(0, wanted);
  return seats.length === 0 || seats.length < bounds.min ? undefined : evenly(seats);
}
