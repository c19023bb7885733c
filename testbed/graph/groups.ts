/** Nodes that nobody could tell apart by their conditions are one group: a drawing of groups stays legible. */
import type { Network } from "#testbed/network/conditions.ts";
import { compactNames } from "#testbed/topology/generate/compact-names.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";

export type Group = {
  /** Patterns of its nodes, such as `dsp[6-10]`. */
  label: string;
  /** In the topology's order. */
  nodes: readonly NodeSpec[];
  /** What the box says below its label: "5 workers, pi4b". */
  subtitle: string;
};

export function groupOf(nodes: readonly NodeSpec[], more = ""): Group {
  const [first] = nodes as readonly [NodeSpec];
  const kind = first.kind === "netns" ? "" : `, ${first.kind}`;
  const device = first.device === "none" ? "" : `, ${first.device}`;
  const many = nodes.length > 1 ? `${nodes.length} ${plural(first.role)}` : first.role;
  return {
    label: shortLabel(compactNames(nodes.map(({ name }) => name))),
    nodes,
    subtitle: `${many}${device}${kind}${more}`,
  };
}

/** Same in all that a person wrote about the node itself. */
export function alike(a: NodeSpec, b: NodeSpec): boolean {
  return a.role === b.role && a.tier === b.tier && a.device === b.device && a.kind === b.kind;
}

/**
 * Two nodes are twins when exchanging them changes no pair's conditions. That is an equivalence, so comparing
 * with one node of each group is enough.
 */
export function twins(topology: Topology, network: Network): Group[] {
  const size = network.nodes.length;
  const specs = new Map(topology.nodes.map((node) => [node.name, node]));
  const access = accessLabels(topology);
  const pair = (from: number, to: number): number => network.pairs[from * size + to]!;
  const same = (a: number, b: number): boolean => {
    const [nameA, nameB] = [network.nodes[a]!, network.nodes[b]!];
    if (!alike(specs.get(nameA)!, specs.get(nameB)!) || access.get(nameA) !== access.get(nameB)) return false;
    if (pair(a, b) !== pair(b, a)) return false;
    for (let other = 0; other < size; other++) {
      if (other === a || other === b) continue;
      if (pair(a, other) !== pair(b, other) || pair(other, a) !== pair(other, b)) return false;
    }
    return true;
  };
  const groups: number[][] = [];
  for (let node = 0; node < size; node++) {
    // Groups of three or more must agree on the inside as well, which the loop above has checked.
    const group = groups.find(([first]) => same(first!, node));
    if (group) group.push(node);
    else groups.push([node]);
  }
  return groups.map((members) => {
    const nodes = members.map((member) => specs.get(network.nodes[member]!)!);
    return groupOf(nodes, access.get(nodes[0]!.name) ?? "");
  });
}

/** ", up 100 Mbit/s, down 50 Mbit/s" for each node that has an access link. */
export function accessLabels(topology: Topology): Map<string, string> {
  const mbit = (bits: number | undefined): string =>
    bits === undefined ? "" : `${Number((bits / 1e6).toPrecision(3))}`;
  return new Map(
    topology.access.map(({ node, upBitsPerSecond, downBitsPerSecond }) => [
      node,
      `, ↑${mbit(upBitsPerSecond) || "∞"} ↓${mbit(downBitsPerSecond) || "∞"} Mbit/s`,
    ]),
  );
}

function plural(role: string): string {
  return /(s|x|ch|sh)$/.test(role) ? `${role}es` : `${role}s`;
}

function shortLabel(patterns: readonly string[]): string {
  return patterns.length <= 3 ? patterns.join(", ") : `${patterns[0]}, … ${patterns.at(-1)}`;
}
