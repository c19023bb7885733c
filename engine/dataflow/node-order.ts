/** A graph's operators in an order in which each stands behind those that feed it, with their ids; or why that cannot be. */
import { EngineError } from "../engine-error.ts";
import { type Graph, type GraphNode, linksOf, specOf } from "./graph.ts";

/** Refuses a graph that is no job. */
export function orderNodes({ nodes }: Graph): GraphNode[] {
  if (!nodes.some((node) => "source" in node.spec)) {
    throw refused("no-source", "the job has no source", "begin with flow.source(…)");
  }
  if (!nodes.some((node) => node.isSink)) {
    throw refused("no-sink", "the job has no sink", "end a stream with .sink(…)");
  }
  const known = new Set(nodes);
  const taken = new Set<GraphNode>();
  for (const node of nodes) {
    for (const { from, output } of linksOf(node)) {
      if (!known.has(from)) {
        const fix = "streams are joined within the flow that made them";
        throw refused(
          "foreign-stream",
          `${describe(node)} takes a stream of another job: ${describe(from)}`,
          fix,
        );
      }
      if (!Object.hasOwn(specOf(from).outputs, output)) {
        const outputs = Object.keys(specOf(from).outputs).filter((name) => name !== "");
        throw refused(
          "unknown-output",
          `${describe(from)} has no side output ${JSON.stringify(output)}`,
          outputs.length === 0 ? "it has none" : `one of: ${outputs.join(", ")}`,
        );
      }
      taken.add(from);
    }
  }
  for (const node of nodes) {
    if (node.isSink || taken.has(node)) continue;
    throw refused(
      "dangling-stream",
      `nothing takes what ${describe(node)} puts out`,
      "end the stream with .sink(…), or leave the operator out",
    );
  }
  return sorted(nodes);
}

/** Depth first, in the order in which the job wrote them. */
function sorted(nodes: readonly GraphNode[]): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<GraphNode, "open" | "done">();
  const visit = (node: GraphNode): void => {
    if (state.get(node) === "done") return;
    if (state.get(node) === "open") {
      throw refused("cycle", `${describe(node)} takes its own results`, "a job's streams go one way");
    }
    state.set(node, "open");
    for (const { from } of linksOf(node)) visit(from);
    state.set(node, "done");
    order.push(node);
  };
  for (const node of nodes) visit(node);
  return order;
}

/** The id that the job gave, else the name and which of that name it is in the order of writing. */
export function nodeIds(nodes: readonly GraphNode[]): Map<GraphNode, string> {
  const ids = new Map<GraphNode, string>();
  const counts = new Map<string, number>();
  const nodeOf = new Map<string, GraphNode>();
  const give = (node: GraphNode, id: string): void => {
    const other = nodeOf.get(id);
    if (other !== undefined) {
      throw refused(
        "duplicate-id",
        `two operators have the id ${JSON.stringify(id)}: ${positionOf(nodes, other)} and ${positionOf(nodes, node)}`,
        "give each an id of its own with .id(…)",
      );
    }
    nodeOf.set(id, node);
    ids.set(node, id);
  };
  for (const node of nodes) {
    if (node.idFrom) continue;
    // The name of a source or sink may tell a file, which is no part of what the operator is.
    const name = "source" in node.spec ? "source" : node.isSink ? "sink" : specOf(node).name;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    give(node, node.id ?? `${name}-${count}`);
  }
  for (const node of nodes) {
    if (node.idFrom) give(node, node.id ?? `${ids.get(node.idFrom.node)}.${node.idFrom.suffix}`);
  }
  return ids;
}

function positionOf(nodes: readonly GraphNode[], node: GraphNode): string {
  return `${specOf(node).name} (number ${nodes.indexOf(node) + 1} in the job)`;
}

const describe = (node: GraphNode): string =>
  node.id === undefined ? specOf(node).name : `${specOf(node).name} ${JSON.stringify(node.id)}`;

const refused = (code: string, what: string, fix: string): EngineError => new EngineError(code, what, fix, 2);
