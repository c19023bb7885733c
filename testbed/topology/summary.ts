/** What a topology comes to, in figures: what `validate` prints, and what a person checks against what was meant. */
import { compileNetwork } from "#testbed/network/compile.ts";
import type { Conditions, Network } from "#testbed/network/conditions.ts";
import type { NodeSpec, Topology } from "./topology.ts";

export type Range = { least: number; most: number };

export type TopologySummary = {
  name: string;
  fabric: Topology["fabric"];
  mtuBytes: number;
  nodes: number;
  switches: number;
  kinds: Readonly<Record<string, number>>;
  roles: Readonly<Record<string, number>>;
  devices: Readonly<Record<string, number>>;
  /** Ordered pairs of nodes. */
  pairs: number;
  cutPairs: number;
  distinctConditions: number;
  /** Over the pairs that are not cut; absent when there are none. */
  delayMs?: Range;
  lossyPairs: number;
  jitteryPairs: number;
  sharedRates: number;
  rateBitsPerSecond?: Range;
  links: number;
  events: number;
  lastEventMs?: number;
};

export function summarize(topology: Topology): TopologySummary {
  const ends = topology.nodes.filter(({ role }) => role !== "switch");
  const network = compileNetwork(topology);
  const used = pairsPerConditions(network);
  const open = used.filter(({ conditions }) => !conditions.cut);
  const delayMs = rangeOf(open.map(({ conditions }) => conditions.delayMs));
  const ownRates = used.flatMap(({ conditions }) => conditions.rateBitsPerSecond ?? []);
  const rates = rangeOf([...ownRates, ...network.segments.map((segment) => segment.rateBitsPerSecond)]);
  const endsMs = topology.events.map((event) => event.atMs + (event.forMs ?? 0));
  const lastEvent = rangeOf(endsMs);
  return {
    name: topology.name,
    fabric: topology.fabric,
    mtuBytes: topology.mtuBytes,
    nodes: ends.length,
    switches: topology.nodes.length - ends.length,
    kinds: countBy(ends, ({ kind }) => kind),
    roles: countBy(ends, ({ role }) => role),
    devices: countBy(ends, ({ device }) => device),
    pairs: ends.length * (ends.length - 1),
    cutPairs: pairsOf(used, ({ cut }) => cut === true),
    distinctConditions: used.length,
    ...(delayMs ? { delayMs } : {}),
    lossyPairs: pairsOf(open, ({ loss }) => loss !== undefined),
    jitteryPairs: pairsOf(open, ({ jitter }) => jitter !== undefined),
    sharedRates: network.segments.length,
    ...(rates ? { rateBitsPerSecond: rates } : {}),
    links: topology.links.length,
    events: topology.events.length,
    ...(lastEvent ? { lastEventMs: lastEvent.most } : {}),
  };
}

type UsedConditions = { conditions: Conditions; pairs: number };

/** A node's way to itself is no pair: it would count as one without any conditions. */
function pairsPerConditions({ nodes, conditions, pairs }: Network): UsedConditions[] {
  const counts = new Uint32Array(conditions.length);
  for (const [pair, number] of pairs.entries()) {
    if (pair % (nodes.length + 1) !== 0) counts[number]!++;
  }
  return conditions.flatMap((each, number) =>
    counts[number]! > 0 ? [{ conditions: each, pairs: counts[number]! }] : [],
  );
}

function pairsOf(used: readonly UsedConditions[], holds: (conditions: Conditions) => boolean): number {
  return used.reduce((total, { conditions, pairs }) => total + (holds(conditions) ? pairs : 0), 0);
}

function rangeOf(values: readonly number[]): Range | undefined {
  if (values.length === 0) return undefined;
  const widen = ({ least, most }: Range, value: number): Range => ({
    least: Math.min(least, value),
    most: Math.max(most, value),
  });
  return values.reduce(widen, { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY });
}

function countBy(nodes: readonly NodeSpec[], word: (node: NodeSpec) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const node of nodes) counts[word(node)] = (counts[word(node)] ?? 0) + 1;
  return counts;
}
