/** Which columns are read of every output: from the sinks back to the sources. */
import type { GraphNode, Link } from "./graph.ts";
import type { ColumnNames, OperatorSpec, Wanted } from "./operator-spec.ts";

export type ReadColumns = {
  /** By node, by output. */
  readonly wanted: ReadonlyMap<GraphNode, Wanted>;
  /** By node, by input: what the operator reads of it, its key included. */
  readonly reads: ReadonlyMap<GraphNode, readonly ColumnNames[]>;
};

/** `order`: each node behind those that feed it. */
export function readColumns(order: readonly GraphNode[]): ReadColumns {
  const wanted = new Map<GraphNode, Map<string, Set<string>>>(order.map((node) => [node, new Map()]));
  const reads = new Map<GraphNode, readonly ColumnNames[]>();
  for (const node of order.toReversed()) {
    if ("source" in node.spec) continue;
    const columns = columnsRead(node, node.spec.operator, wanted.get(node)!);
    reads.set(node, columns);
    for (const [input, { links }] of node.inputs.entries()) {
      for (const link of links) add(wanted.get(link.from)!, link, columns[input]!);
    }
  }
  return { wanted, reads };
}

function columnsRead(node: GraphNode, spec: OperatorSpec, wanted: Wanted): ColumnNames[] {
  const reads = spec.reads(wanted);
  return node.inputs.map(({ key }, input) =>
    key === undefined ? reads[input]! : new Set([...reads[input]!, key.column]),
  );
}

function add(wanted: Map<string, Set<string>>, { output }: Link, columns: ColumnNames): void {
  const all = wanted.get(output) ?? new Set();
  for (const column of columns) all.add(column);
  wanted.set(output, all);
}
