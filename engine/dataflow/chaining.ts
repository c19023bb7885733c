/** How many subtasks each operator has, and which operators share a task, so that records pass between them by calls. */
import { EngineError } from "../engine-error.ts";
import { type GraphNode, type Link, linksOf, specOf } from "./graph.ts";

export type Parallelisms = {
  /** Of operators that ask for nothing else. */
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** By operator id; before what the job says. */
  readonly parallelismOf: Readonly<Record<string, number>>;
};

export function parallelismsOf(
  ids: ReadonlyMap<GraphNode, string>,
  { parallelism, maxParallelism, parallelismOf }: Parallelisms,
): Map<GraphNode, number> {
  const known = new Set(ids.values());
  for (const id of Object.keys(parallelismOf)) {
    if (known.has(id)) continue;
    throw new EngineError(
      "unknown-operator",
      `there is no operator ${JSON.stringify(id)} to give a parallelism to`,
      `one of: ${[...known].join(", ")}`,
      2,
    );
  }
  const result = new Map<GraphNode, number>();
  for (const [node, id] of ids) {
    const writer = writtenNode(node);
    const most = Math.min(
      ...[writer, node].map((each) => specOf(each).parallelismMax ?? maxParallelism),
      maxParallelism,
    );
    const asked = parallelismOf[id] ?? parallelismOf[ids.get(writer)!] ?? writer.parallelism;
    if (asked === undefined && parallelism <= maxParallelism) {
      result.set(node, Math.min(parallelism, most));
      continue;
    }
    const count = asked ?? parallelism;
    if (!Number.isInteger(count) || count < 1 || count > most) {
      throw new EngineError(
        "bad-parallelism",
        `operator ${JSON.stringify(id)}: a parallelism of ${count}`,
        most < maxParallelism
          ? `${specOf(node).name} cannot be split into more than ${most}`
          : `a whole number from 1 to ${maxParallelism}, the maximum parallelism (its number of key groups)`,
        2,
      );
    }
    result.set(node, count);
  }
  return result;
}

/** The role of nodes that it is to run on. */
export const roleOf = (node: GraphNode): string | undefined => writtenNode(node).on;

/** What the job did not write goes with the operator that it was made for; and it may ask that for what it did write. */
function writtenNode(node: GraphNode): GraphNode {
  const leader = node.idFrom?.node ?? node.together;
  return leader ? writtenNode(leader) : node;
}

/** By node, the number of its task: nodes of the same number are chained. `order`: each behind those that feed it. */
export function assignTasks(
  order: readonly GraphNode[],
  parallelismOf: ReadonlyMap<GraphNode, number>,
): Map<GraphNode, number> {
  const taskOf = new Map<GraphNode, number>();
  let tasks = 0;
  for (const node of order) {
    const links = linksOf(node);
    const task = links.length === 0 ? undefined : taskOf.get(links[0]!.from);
    const isChained =
      task !== undefined &&
      links.every((link) => taskOf.get(link.from) === task && isDirect(link, node, parallelismOf));
    taskOf.set(node, isChained ? task : tasks++);
  }
  return taskOf;
}

/** Whether each subtask feeds just the one of its own number, on the same nodes. */
function isDirect(link: Link, to: GraphNode, parallelismOf: ReadonlyMap<GraphNode, number>): boolean {
  const parallelism = parallelismOf.get(to)!;
  if (parallelism !== parallelismOf.get(link.from) || roleOf(link.from) !== roleOf(to)) return false;
  return link.partition === "forward" || parallelism === 1;
}
