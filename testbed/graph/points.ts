/** Where each node stands in the drawings that show every node: on a map, in delay space, or on a circle. */
import type { Network } from "#testbed/network/conditions.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { embed, type Point } from "./embedding.ts";
import { twins } from "./groups.ts";

export type Placed = {
  node: NodeSpec;
  /** Its number in the network. */
  index: number;
  point: Point;
};

export type Placement = { placed: Placed[]; says: string; map?: { west: number; east: number; south: number; north: number } };

export function placeByCoordinates(topology: Topology, network: Network): Placement {
  const nodes = inNetwork(topology, network);
  if (nodes.every(({ node }) => node.position)) return onMap(nodes);
  const size = network.nodes.length;
  const delay = (from: number, to: number): number => network.conditions[network.pairs[from * size + to]!]!.delayMs;
  const points = embed(nodes.map(({ index: a }) => nodes.map(({ index: b }) => (delay(a, b) + delay(b, a)) / 2)));
  const placed = nodes.map((entry, position) => ({ ...entry, point: points[position]! }));
  return { placed, says: "near nodes have little delay between them (mean of both directions)" };
}

function onMap(nodes: readonly Omit<Placed, "point">[]): Placement {
  const positions = nodes.map(({ node }) => node.position!);
  const latitudes = positions.map(({ latitude }) => latitude);
  const longitudes = positions.map(({ longitude }) => longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  // Plate carrée with the middle latitude true to scale: enough to recognise where a node is.
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const placed = nodes.map((entry) => ({
    ...entry,
    point: { x: entry.node.position!.longitude * shrink, y: -entry.node.position!.latitude },
  }));
  return { placed, says: "nodes where their position is on Earth", map: { west, east, south, north } };
}

/** Nodes with equal conditions side by side, so that bundles of lines leave a circle together. */
export function placeOnCircle(topology: Topology, network: Network): Placement {
  const nodes = inNetwork(topology, network);
  const order = twins(topology, network).flatMap((group) => group.nodes.map(({ name }) => name));
  const rank = new Map(order.map((name, place) => [name, place]));
  const placed = nodes
    .sort((a, b) => rank.get(a.node.name)! - rank.get(b.node.name)!)
    .map((entry, place) => {
      const angle = (2 * Math.PI * place) / nodes.length - Math.PI / 2;
      return { ...entry, point: { x: Math.cos(angle), y: Math.sin(angle) } };
    });
  return { placed, says: "nodes with equal conditions stand side by side" };
}

function inNetwork(topology: Topology, network: Network): { node: NodeSpec; index: number }[] {
  const specs = new Map(topology.nodes.map((node) => [node.name, node]));
  return network.nodes.map((name, index) => ({ node: specs.get(name)!, index }));
}
