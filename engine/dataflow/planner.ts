/**
 * From the graph that a job wrote to tasks and edges. Pure: every process that is given the same job, settings and
 * parallelism comes to the same plan.
 */
import { EngineError } from "../engine-error.ts";
import { maxParallelismLimit } from "../state/key-groups.ts";
import { assignTasks, type Parallelisms, parallelismsOf } from "./chaining.ts";
import type { Graph } from "./graph.ts";
import { nodeIds, orderNodes } from "./node-order.ts";
import type { JobPlan } from "./plan.ts";
import { TaskWriter } from "./task-writer.ts";
import { readColumns } from "./wanted-columns.ts";

/** Flink's default, and what key groups are dealt out by. */
export const defaultMaxParallelism = 128;

export type PlanSettings = Parallelisms & { readonly name: string };

export function planJob(graph: Graph, settings: PlanSettings): JobPlan {
  const { maxParallelism } = settings;
  if (!Number.isInteger(maxParallelism) || maxParallelism < 1 || maxParallelism > maxParallelismLimit) {
    throw new EngineError(
      "bad-parallelism",
      `a maximum parallelism of ${maxParallelism}`,
      `a whole number from 1 to ${maxParallelismLimit}`,
      2,
    );
  }
  const order = orderNodes(graph);
  const ids = nodeIds(graph.nodes);
  const parallelismOf = parallelismsOf(ids, settings);
  const writer = new TaskWriter({
    ids,
    parallelismOf,
    taskOf: assignTasks(order, parallelismOf),
    ...readColumns(order),
  });
  for (const node of order) writer.write(node);
  return { name: settings.name, maxParallelism, ...writer.finish() };
}
