/** The drawing's subject: groups of nodes and the lines between them, summarised from a topology. */
import type { Network } from "#testbed/network/conditions.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { describe, type Figures, figuresOf, isFree, merged } from "./figures.ts";
import { type Group, twins } from "./groups.ts";
import { linkGraph } from "./link-graph.ts";

/** `both`: the same in both directions. Otherwise it is what packets from `from` to `to` feel. */
export type Line = { from: number; to: number; both: boolean; figures: Figures };

export type Graph = {
  name: string;
  groups: readonly (Group & { within?: Figures })[];
  lines: readonly Line[];
  /** Sentences below the drawing: what it leaves out. */
  notes: readonly string[];
};

/** Above this many lines a mesh is a blot; then each group keeps the nearest few. */
const linesMost = 150;
const nearestKept = 3;
const groupsMost = 9;

export function graphOf(topology: Topology, network: Network): Graph {
  return topology.links.length > 0 ? linkGraph(topology) : meshGraph(topology, network);
}

/** A mesh of many different pairs says more when every node stands by itself, near those it is near to. */
export function isSummarised(topology: Topology, network: Network): boolean {
  return topology.links.length > 0 || twins(topology, network).length <= groupsMost;
}

function meshGraph(topology: Topology, network: Network): Graph {
  const groups = twins(topology, network);
  const index = new Map(network.nodes.map((name, position) => [name, position]));
  const first = groups.map(({ nodes }) => index.get(nodes[0]!.name)!);
  const figures = (from: number, to: number): Figures =>
    figuresOf(network.conditions[network.pairs[from * network.nodes.length + to]!]!);

  const withWithin = groups.map((group, position) => {
    if (group.nodes.length < 2) return group;
    const within = figures(first[position]!, index.get(group.nodes[1]!.name)!);
    return isFree(within) ? group : { ...group, within };
  });
  const lines: Line[] = [];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++)
      lines.push(...between(a, b, figures(first[a]!, first[b]!), figures(first[b]!, first[a]!)));
  }
  const kept = lines.length > linesMost ? nearest(lines, groups.length) : lines;
  return { name: topology.name, groups: withWithin, lines: kept, notes: notesOn(groups.length, lines, kept) };
}

/** One line where both directions agree, none where nothing is asked, else one for each direction. */
export function between(a: number, b: number, there: Figures, back: Figures): Line[] {
  if (describe(there) === describe(back)) {
    return isFree(there) ? [] : [{ from: a, to: b, both: true, figures: merged(there, back) }];
  }
  return [
    { from: a, to: b, both: false, figures: there },
    { from: b, to: a, both: false, figures: back },
  ].filter(({ figures }) => !isFree(figures));
}

/** Each end's lines of least delay. */
export function nearest(lines: readonly Line[], ends: number): Line[] {
  const kept = new Set<Line>();
  const byDelay = [...lines].sort((a, b) => a.figures.delayMs.most - b.figures.delayMs.most);
  const left = new Array<number>(ends).fill(nearestKept);
  for (const line of byDelay) {
    if (left[line.from]! <= 0 && left[line.to]! <= 0) continue;
    kept.add(line);
    left[line.from]!--;
    left[line.to]!--;
  }
  return lines.filter((line) => kept.has(line));
}

export function notesOn(ends: number, lines: readonly Line[], kept: readonly Line[]): string[] {
  const notes: string[] = [];
  if (kept.length < lines.length) {
    notes.push(
      `Of ${lines.length} lines, those to each end's ${nearestKept} nearest are drawn (${kept.length}).`,
    );
  }
  if (lines.length < (ends * (ends - 1)) / 2)
    notes.push("Where no line is drawn, nothing is asked of the network.");
  return notes;
}
