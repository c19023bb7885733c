/**
 * Packets of nodes on other machines have been under way before the fabric sees them, and are again after it let them
 * go. What they need at the least is taken off the delay that the fabric adds, so that a pair feels what was asked.
 */
import type { Conditions, Network } from "./conditions.ts";

/** By node: one way, between it and the fabric. */
export type TunnelDelays = ReadonlyMap<number, number>;

/** A pair without a delay stays as it is; one that asks for less than its tunnels take gets none on top of them. */
export function lessTunnelDelays(network: Network, delays: TunnelDelays): Network {
  if ([...delays.values()].every((delayMs) => delayMs === 0)) return network;
  const { nodes, conditions, pairs } = network;
  const shortened = [...conditions];
  const known = new Map<string, number>();
  const numberOf = (before: number, tunnelMs: number): number => {
    const key = `${before} ${tunnelMs}`;
    const number = known.get(key) ?? shortened.push(shorter(conditions[before]!, tunnelMs)) - 1;
    known.set(key, number);
    return number;
  };
  const less = pairs.map((number, pair) => {
    const from = Math.floor(pair / nodes.length);
    const tunnelMs = (delays.get(from) ?? 0) + (delays.get(pair % nodes.length) ?? 0);
    return tunnelMs > 0 && conditions[number]!.delayMs > 0 ? numberOf(number, tunnelMs) : number;
  });
  return { ...network, conditions: shortened, pairs: less };
}

function shorter(conditions: Conditions, tunnelMs: number): Conditions {
  return { ...conditions, delayMs: Math.max(0, conditions.delayMs - tunnelMs) };
}
