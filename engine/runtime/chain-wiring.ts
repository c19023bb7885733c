/** Puts the operators of a task together: each one's outputs lead to those behind it, or out of the chain. */
import type { TaskPlan } from "../dataflow/plan.ts";
import type { Output } from "../operators/operator.ts";
import { type ChainHost, ChainNode, DirectOutput, type EdgeOutput } from "./chain-node.ts";
import type { TurnMeter } from "./operator-metrics.ts";

/** Where an output of an operator leaves the chain. */
export type ChainEdge = { readonly operator: number; readonly output: string; readonly to: EdgeOutput };

/** By the order of the task's operators. `externalInputs` are those that take edges from other tasks, or the source. */
export function wiredNodes(
  task: TaskPlan,
  host: ChainHost,
  meter: TurnMeter,
  edges: readonly ChainEdge[],
  externalInputs: readonly number[],
): ChainNode[] {
  const nodes = task.operators.map((plan) => new ChainNode(plan, host, meter));
  for (const operator of externalInputs) nodes[operator]!.isHead = true;
  for (const index of nodes.keys()) wire(nodes, index, edges);
  return nodes;
}

function wire(nodes: readonly ChainNode[], index: number, edges: readonly ChainEdge[]): void {
  const node = nodes[index]!;
  const takers = new Map<string, Output[]>([["", []]]);
  const add = (name: string, taker: Output) => takers.set(name, [...(takers.get(name) ?? []), taker]);
  for (const { output, to, input } of node.plan.chained) {
    if (to <= index) throw new Error(`${node.plan.id} feeds an operator that does not stand behind it`);
    const next = nodes[to]!;
    if (!next.feeders.includes(node)) next.feeders.push(node);
    add(output, new DirectOutput(next, input));
  }
  for (const { operator, output, to } of edges) {
    if (operator !== index) continue;
    node.edges.push(to);
    add(output, to);
  }
  for (const [name, outputs] of takers) node.connect(name, outputs);
}
