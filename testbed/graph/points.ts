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

export type Placement = {
  placed: Placed[];
  says: string;
  map?: { west: number; east: number; south: number; north: number };
};

export function placeByCoordinates(topology: Topology, network: Network): Placement {
  const nodes = inNetwork(topology, network);
  if (nodes.every(({ node }) => node.position)) return onMap(nodes);
  const points = inDelaySpace(network);
  const placed = nodes.map((entry) => ({ ...entry, point: points[entry.index]! }));
  return { placed, says: "near nodes have little delay between them (mean of both directions)" };
}

function inDelaySpace(network: Network): Point[] {
  const size = network.nodes.length;
  const delay = (from: number, to: number): number =>
    network.conditions[network.pairs[from * size + to]!]!.delayMs;
  return embed(network.nodes.map((_, a) => network.nodes.map((_, b) => (delay(a, b) + delay(b, a)) / 2)));
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

/** Above this many groups the order of the file says little, and the order in delay space keeps lines short. */
const groupsInFileOrderMost = 18;

/** Nodes with equal conditions side by side, so that bundles of lines leave a circle together. */
export function placeOnCircle(topology: Topology, network: Network): Placement {
  const groups = twins(topology, network);
  const names = groups.flatMap((group) => group.nodes.map(({ name }) => name));
  const byDelay = groups.length > groupsInFileOrderMost;
  const rank = byDelay ? turns(network) : new Map(names.map((name, place) => [name, place]));
  const placed = inNetwork(topology, network)
    .sort((a, b) => rank.get(a.node.name)! - rank.get(b.node.name)!)
    .map((entry, place) => {
      const angle = (2 * Math.PI * place) / names.length - Math.PI / 2;
      return { ...entry, point: { x: Math.cos(angle), y: Math.sin(angle) } };
    });
  return {
    placed,
    says: byDelay ? "near nodes stand side by side" : "nodes with equal conditions stand side by side",
  };
}

/** The direction in which each node lies from the middle of delay space. */
function turns(network: Network): Map<string, number> {
  const points = inDelaySpace(network);
  const middle = {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
  return new Map(
    points.map(({ x, y }, index) => [network.nodes[index]!, Math.atan2(y - middle.y, x - middle.x)]),
  );
}

function inNetwork(topology: Topology, network: Network): { node: NodeSpec; index: number }[] {
  const specs = new Map(topology.nodes.map((node) => [node.name, node]));
  return network.nodes.map((name, index) => ({ node: specs.get(name)!, index }));
}
