/** The graph of a topology with `links`: its links are drawn as they are, and sibling leaves are put together. */
import type { LinkSpec, NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { describe, type Figures, figuresOf, merged } from "./figures.ts";
import type { Graph } from "./graph.ts";
import { accessLabels, alike, groupOf } from "./groups.ts";

/** Above this many nodes, sibling leaves are one box even where their links differ, and the line says a range. */
const apartMost = 40;

type Leaf = { node: NodeSpec; parent: string; figures: Figures };

export function linkGraph(topology: Topology): Graph {
  const links = new Map<string, LinkSpec[]>();
  for (const link of topology.links) {
    for (const end of link.endpoints) links.set(end, [...(links.get(end) ?? []), link]);
  }
  const access = accessLabels(topology);
  const families: Leaf[][] = [];
  const inner: NodeSpec[] = [];
  for (const node of topology.nodes) {
    const [link, second] = links.get(node.name) ?? [];
    if (!link || second || node.role === "switch") {
      inner.push(node);
      continue;
    }
    const parent = link.endpoints.find((end) => end !== node.name) ?? node.name;
    const leaf = { node, parent, figures: figuresOf(link.change) };
    const family = families.find(
      ([first]) => first && joins(first, leaf, topology.nodes.length > apartMost, access),
    );
    if (family) family.push(leaf);
    else families.push([leaf]);
  }
  const groups = [
    ...families.map((family) =>
      groupOf(
        family.map(({ node }) => node),
        access.get(family[0]!.node.name) ?? "",
      ),
    ),
    ...inner.map((node) => groupOf([node], access.get(node.name) ?? "")),
  ];
  const groupIndex = new Map(
    groups.flatMap(({ nodes }, index) => nodes.map(({ name }) => [name, index] as const)),
  );
  const lines = new Map<string, { from: number; to: number; both: true; figures: Figures }>();
  for (const { endpoints, change } of topology.links) {
    const [from, to] = endpoints.map((end) => groupIndex.get(end)!) as [number, number];
    const figures = figuresOf(change);
    const key = `${Math.min(from, to)} ${Math.max(from, to)}`;
    const known = lines.get(key);
    lines.set(key, { from, to, both: true, figures: known ? merged(known.figures, figures) : figures });
  }
  const notes =
    topology.pairs.length > 0 ? [`${topology.pairs.length} rules for pairs act on top of the links.`] : [];
  if (topology.matrix) notes.push("A delay matrix acts beside the links.");
  return { name: topology.name, groups, lines: [...lines.values()], notes };
}

function joins(first: Leaf, leaf: Leaf, loosely: boolean, access: ReadonlyMap<string, string>): boolean {
  if (first.parent !== leaf.parent || !alike(first.node, leaf.node)) return false;
  if (access.get(first.node.name) !== access.get(leaf.node.name)) return false;
  return loosely || describe(first.figures) === describe(leaf.figures);
}
