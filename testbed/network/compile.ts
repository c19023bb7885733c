/**
 * From a topology to what every ordered pair of its nodes feels: links, then the matrix, then pair rules in
 * their order, then overlays (events and impairments in force) in theirs. Nothing below is forgotten, so
 * taking an overlay away restores exactly what was.
 */
import type { Topology } from "#testbed/topology/topology.ts";
import type { Conditions, Network, PairRule, Segment } from "./conditions.ts";
import { FeatureTable } from "./features.ts";
import { followLinks, PathTable } from "./link-paths.ts";
import { PairTable } from "./pair-table.ts";

export { changedPairs } from "./difference.ts";

export function compileNetwork(topology: Topology, overlays: readonly PairRule[] = []): Network {
  return prepareNetwork(topology)(overlays);
}

/** Works out all but the overlays once: what remains per change of conditions is laying those on top. */
export function prepareNetwork(topology: Topology): (overlays: readonly PairRule[]) => Network {
  const nodes = endNodes(topology);
  const features = new FeatureTable();
  const paths = new PathTable();
  const pairs = new PairTable(nodes, features);
  const { segments, up, down } = accessSegments(topology, nodes);
  const pairPaths = new Uint32Array(nodes.length ** 2);
  const cut = features.numberOf({ cut: true });
  followLinks(topology, nodes, segments, features, paths, {
    reached(from, to, delayMs, number, path) {
      const pair = from * nodes.length + to;
      pairs.delayMs[pair] = delayMs;
      pairs.features[pair] = number;
      pairPaths[pair] = path;
    },
    unreachable(from, to) {
      pairs.features[from * nodes.length + to] = cut;
    },
  });
  applyMatrix(topology, pairs);
  for (const rule of topology.pairs) pairs.apply(rule);
  return (overlays) => {
    const laid = overlays.length > 0 ? pairs.copy() : pairs;
    for (const overlay of overlays) laid.apply(overlay);
    return { nodes, segments, up, down, ...laid.intern(), paths: paths.all, pairPaths };
  };
}

/** The nodes that send and receive, in the file's order: switches are only points of links. */
export function endNodes(topology: Topology): string[] {
  return topology.nodes.filter(({ role }) => role !== "switch").map(({ name }) => name);
}

/** What the pair feels; nodes by name or by number. */
export function conditionsOf(network: Network, from: string | number, to: string | number): Conditions {
  return network.conditions[network.pairs[pairIndex(network, from, to)]!]!;
}

/** The shared rates on the pair's way, from its sender's up link to its receiver's down link. */
export function segmentsOf(network: Network, from: string | number, to: string | number): Segment[] {
  const pair = pairIndex(network, from, to);
  const sender = Math.floor(pair / network.nodes.length);
  const receiver = pair % network.nodes.length;
  const between = network.paths[network.pairPaths[pair]!]!;
  const numbers = [network.up[sender]!, ...between, network.down[receiver]!];
  return numbers.filter((number) => number >= 0).map((number) => network.segments[number]!);
}

/** The most that the pair alone can carry: the least of its own rate and those it shares; undefined for no limit. */
export function pairRate(network: Network, from: string | number, to: string | number): number | undefined {
  const own = conditionsOf(network, from, to).rateBitsPerSecond ?? Number.POSITIVE_INFINITY;
  const shared = segmentsOf(network, from, to).map(({ rateBitsPerSecond }) => rateBitsPerSecond);
  const least = Math.min(own, ...shared);
  return Number.isFinite(least) ? least : undefined;
}

function pairIndex({ nodes }: Network, from: string | number, to: string | number): number {
  const [sender, receiver] = [from, to].map((node) =>
    typeof node === "number" ? node : nodes.indexOf(node),
  );
  if (nodes[sender!] === undefined || nodes[receiver!] === undefined) {
    throw new Error(`no pair from ${from} to ${to} in this network`);
  }
  return sender! * nodes.length + receiver!;
}

function accessSegments(topology: Topology, nodes: readonly string[]) {
  const segments: Segment[] = [];
  const up = new Int32Array(nodes.length).fill(-1);
  const down = new Int32Array(nodes.length).fill(-1);
  const indexes = new Map(nodes.map((name, index) => [name, index]));
  for (const { node, upBitsPerSecond, downBitsPerSecond, queue } of topology.access) {
    const index = indexes.get(node);
    if (index === undefined) throw new Error(`access names ${node}, which is no node of this network`);
    const limits = queue ? { queue } : {};
    if (upBitsPerSecond !== undefined) {
      up[index] = segments.push({ name: `${node} up`, rateBitsPerSecond: upBitsPerSecond, ...limits }) - 1;
    }
    if (downBitsPerSecond !== undefined) {
      down[index] =
        segments.push({ name: `${node} down`, rateBitsPerSecond: downBitsPerSecond, ...limits }) - 1;
    }
  }
  return { segments, up, down };
}

function applyMatrix({ matrix }: Topology, pairs: PairTable): void {
  if (!matrix) return;
  const [delays, size] = [pairs.delayMs, pairs.nodes.length];
  const indexes = matrix.nodes.map((name) => pairs.indexOf(name));
  for (let row = 0; row < indexes.length; row++) {
    const delaysOfRow = matrix.oneWayMs[row]!;
    for (let column = 0; column < indexes.length; column++) {
      const delayMs = delaysOfRow[column] ?? null;
      if (delayMs !== null && row !== column) delays[indexes[row]! * size + indexes[column]!] = delayMs;
    }
  }
}
