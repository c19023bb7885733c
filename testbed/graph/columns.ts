/** Which column of the drawing a group stands in, and in which order, so that few lines cross. */
import type { Graph } from "./graph.ts";

/** Tiers and roles from where data is born to where it is coordinated; other words stand at the dots. */
const order = [
  "sensor",
  "source",
  "generator",
  "device",
  "edge",
  "gateway",
  "fog",
  "...",
  "worker",
  "region",
  "cloud",
  "sink",
  "coordinator",
];

export type Column = { title: string; groups: number[] };

export function columnsOf(graph: Graph): Column[] {
  const columns = hasTiers(graph)
    ? byWord(graph, ({ tier, role }) => tier ?? role)
    : graph.groups.some(({ nodes }) => nodes[0]!.role === "switch")
      ? byDistance(graph)
      : byWord(graph, ({ role }) => role);
  sortRows(columns, graph);
  return columns;
}

const hasTiers = ({ groups }: Graph): boolean => groups.some(({ nodes }) => nodes[0]!.tier !== undefined);

function byWord({ groups }: Graph, wordOf: (node: { tier?: string; role: string }) => string): Column[] {
  const columns = new Map<string, number[]>();
  for (const [index, { nodes }] of groups.entries()) {
    const word = wordOf(nodes[0]!);
    columns.set(word, [...(columns.get(word) ?? []), index]);
  }
  const rank = (word: string): number => order.indexOf(order.includes(word) ? word : "...");
  const sorted = [...columns].sort(([a], [b]) => rank(a) - rank(b));
  return sorted.map(([title, members]) => ({ title, groups: members }));
}

/** Without tiers a graph of links is laid out from its middle: a tree shows its levels, a star its hub. */
function byDistance(graph: Graph): Column[] {
  const neighbours = neighboursOf(graph);
  const steps = (start: number): number[] => {
    const distance = new Array<number>(graph.groups.length).fill(Number.POSITIVE_INFINITY);
    distance[start] = 0;
    for (const queue = [start]; queue.length > 0; ) {
      const group = queue.shift()!;
      for (const next of neighbours[group]!) {
        if (distance[next]! <= distance[group]! + 1) continue;
        distance[next] = distance[group]! + 1;
        queue.push(next);
      }
    }
    return distance;
  };
  const reach = graph.groups.map((_, index) =>
    steps(index).filter((step) => step < Number.POSITIVE_INFINITY),
  );
  // Widest reach first, then the least distance to the farthest: the middle of the largest part.
  const middle = graph.groups
    .map((_, index) => index)
    .sort(
      (a, b) => reach[b]!.length - reach[a]!.length || Math.max(...reach[a]!) - Math.max(...reach[b]!),
    )[0]!;
  const distance = steps(middle).map((step) => (step < Number.POSITIVE_INFINITY ? step : -1));
  const farthest = Math.max(...distance);
  const alone = distance.includes(-1) ? [{ title: "not linked", groups: indexesOf(distance, -1) }] : [];
  const levels = Array.from({ length: farthest + 1 }, (_, step) => ({
    title: "",
    groups: indexesOf(distance, step),
  }));
  return [...levels, ...alone];
}

const indexesOf = (values: readonly number[], wanted: number): number[] =>
  values.flatMap((value, index) => (value === wanted ? [index] : []));

function neighboursOf({ groups, lines }: Graph): number[][] {
  const neighbours = groups.map((): number[] => []);
  for (const { from, to } of lines) {
    neighbours[from]!.push(to);
    neighbours[to]!.push(from);
  }
  return neighbours;
}

/** Barycentre sweeps (Sugiyama): each group moves to the mean height of its neighbours, a few times over. */
function sortRows(columns: readonly Column[], graph: Graph): void {
  const sweeps = 6;
  const neighbours = neighboursOf(graph);
  const columnOf = new Map(
    columns.flatMap(({ groups }, column) => groups.map((group) => [group, column] as const)),
  );
  const height = new Map<number, number>();
  const settle = (): void => {
    for (const { groups } of columns)
      for (const [row, group] of groups.entries()) height.set(group, (row + 0.5) / groups.length);
  };
  settle();
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const { groups } of sweep % 2 === 0 ? columns : [...columns].reverse()) {
      const wanted = new Map<number, number>();
      for (const group of groups) {
        const outside = neighbours[group]!.filter((other) => columnOf.get(other) !== columnOf.get(group));
        if (outside.length > 0) wanted.set(group, mean(outside.map((other) => height.get(other)!)));
      }
      // Who is joined to its own column alone goes where its neighbours go, which keeps them side by side.
      for (const group of groups.filter((member) => !wanted.has(member))) {
        const anchors = neighbours[group]!.flatMap((other) => wanted.get(other) ?? []);
        wanted.set(group, anchors.length > 0 ? mean(anchors) : height.get(group)!);
      }
      groups.sort((a, b) => wanted.get(a)! - wanted.get(b)! || height.get(a)! - height.get(b)!);
      settle();
    }
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
