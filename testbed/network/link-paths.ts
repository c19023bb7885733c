/** What the links of a multi-hop graph make of every pair: along the shortest path delays add, losses combine, rates are shared. */
import type { LinkSpec, Topology } from "#testbed/topology/topology.ts";
import type { Segment } from "./conditions.ts";
import { change, type FeatureTable, inRow } from "./features.ts";
import { type Edge, PathFinder } from "./shortest-path.ts";

const nsPerMs = 1e6;

/** Distinct lists of segments, each reached from a shorter one, so that 250,000 paths cost no text keys. */
export class PathTable {
  readonly all: (readonly number[])[] = [[]];
  readonly #longer: Map<number, number>[] = [new Map()];

  /** The number of the path that goes on over one more segment. */
  extend(path: number, segment: number): number {
    const longer = this.#longer[path]!;
    const known = longer.get(segment);
    if (known !== undefined) return known;
    const number = this.all.push([...this.all[path]!, segment]) - 1;
    this.#longer.push(new Map());
    longer.set(segment, number);
    return number;
  }
}

export type PairSink = {
  reached(from: number, to: number, delayMs: number, features: number, path: number): void;
  unreachable(from: number, to: number): void;
};

/** Every directed edge of the graph; a rate makes each direction a segment of its own. */
type Hop = Edge & { features: number; segment: number };

/**
 * Tells the sink about every ordered pair of nodes that are points of the graph. Nodes on no link are not in
 * it: they keep what matrix and pair rules give them.
 */
export function followLinks(
  topology: Topology,
  nodes: readonly string[],
  segments: Segment[],
  table: FeatureTable,
  paths: PathTable,
  sink: PairSink,
): void {
  if (topology.links.length === 0) return;
  const points = new Map(nodes.map((name, index) => [name, index]));
  for (const { name } of topology.nodes) if (!points.has(name)) points.set(name, points.size);
  const hops = topology.links.flatMap((link) => hopsOf(link, points, segments, table));
  const onGraph = new Set(
    topology.links.flatMap(({ endpoints }) => endpoints.map((name) => points.get(name)!)),
  );
  const ends = nodes.map((_, index) => index).filter((index) => onGraph.has(index));
  const finder = new PathFinder(points.size, hops);
  const rows = new Map<number, number>();
  for (const source of ends) {
    const { via, order } = finder.from(source);
    const delayNs = new Float64Array(points.size);
    const features = new Uint32Array(points.size);
    const path = new Uint32Array(points.size);
    for (const point of order) {
      const hop = hops[via[point]!];
      if (!hop) continue; // The source itself.
      delayNs[point] = delayNs[hop.from]! + hop.delayNs;
      features[point] = inRowNumber(features[hop.from]!, hop.features, table, rows);
      path[point] = hop.segment < 0 ? path[hop.from]! : paths.extend(path[hop.from]!, hop.segment);
    }
    for (const end of ends) {
      if (end === source) continue;
      if (via[end]! < 0) sink.unreachable(source, end);
      else sink.reached(source, end, delayNs[end]! / nsPerMs, features[end]!, path[end]!);
    }
  }
}

function hopsOf(
  link: LinkSpec,
  points: ReadonlyMap<string, number>,
  segments: Segment[],
  table: FeatureTable,
): Hop[] {
  const { rateBitsPerSecond, queue, ...others } = link.change;
  if (others.cut) return []; // A link that is cut is not there: packets take the way round.
  const features = table.numberOf(change({}, others));
  const delayNs = Math.round(((others.delayMs ?? 0) + (others.addDelayMs ?? 0)) * nsPerMs);
  const [a, b] = link.endpoints;
  return [
    [a, b],
    [b, a],
  ].map(([from = "", to = ""]) => {
    const shared = rateBitsPerSecond !== undefined;
    const segment = shared
      ? segments.push({ name: `${from}->${to}`, rateBitsPerSecond, ...(queue ? { queue } : {}) }) - 1
      : -1;
    return { from: points.get(from)!, to: points.get(to)!, delayNs, features, segment };
  });
}

/** Few links differ in kind, so few rows do: each combination is worked out once. */
function inRowNumber(first: number, second: number, table: FeatureTable, rows: Map<number, number>): number {
  if (second === 0) return first;
  if (first === 0) return second;
  const key = first * 2 ** 26 + second;
  const known = rows.get(key);
  if (known !== undefined) return known;
  const number = table.numberOf(inRow(table.all[first]!, table.all[second]!));
  rows.set(key, number);
  return number;
}
