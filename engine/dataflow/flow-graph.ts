/** The graph while a job writes it. */
import { EngineError } from "../engine-error.ts";
import type { Graph, GraphInput, GraphNode, Link, LinkPartition } from "./graph.ts";
import type { OperatorSpec, SourcePlanSpec } from "./operator-spec.ts";

export class FlowGraph implements Graph {
  readonly nodes: GraphNode[] = [];

  addSource(source: SourcePlanSpec): GraphNode {
    return this.#add({ spec: { source }, isSink: false, inputs: [] });
  }

  addOperator(
    operator: OperatorSpec,
    inputs: readonly GraphInput[],
    idFrom?: GraphNode["idFrom"],
  ): GraphNode {
    return this.#add({ spec: { operator }, isSink: false, inputs, ...(idFrom ? { idFrom } : {}) });
  }

  addSink(operator: OperatorSpec, input: GraphInput): GraphNode {
    return this.#add({ spec: { operator }, isSink: true, inputs: [input] });
  }

  /** For an operator that the job did not write, beside one that it did. */
  nameFor(node: GraphNode, suffix: string): { node: GraphNode; suffix: string } {
    const before = this.nodes.filter(
      ({ idFrom }) => idFrom?.node === node && idFrom.suffix.startsWith(suffix),
    ).length;
    return { node, suffix: before === 0 ? suffix : `${suffix}-${before + 1}` };
  }

  #add(node: GraphNode): GraphNode {
    this.nodes.push(node);
    return node;
  }
}

export const link = (from: GraphNode, output = "", partition: LinkPartition = "forward"): Link => ({
  from,
  output,
  partition,
});

/** What a job may say of an operator right behind it. */
export class Named {
  /** The one operator whose output this is; undefined for a union and the like. */
  readonly #node: GraphNode | undefined;

  constructor(node: GraphNode | undefined) {
    this.#node = node;
  }

  /** State is found by it, so it stays the same from version to version of the job. */
  id(id: string): this {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(id)) {
      throw new EngineError(
        "bad-id",
        `an operator cannot have the id ${JSON.stringify(id)}`,
        "letters, digits, - and _",
        2,
      );
    }
    this.#operator("id").id = id;
    return this;
  }

  /** How many subtasks it has, whatever the job's parallelism. */
  parallelism(count: number): this {
    this.#operator("parallelism").parallelism = count;
    return this;
  }

  /** Runs only on nodes of this role. */
  on(role: string): this {
    this.#operator("on").on = role;
    return this;
  }

  /** Has as many subtasks as the operator that feeds it, on the same nodes, whatever is asked of that one. */
  together(): this {
    const node = this.#operator("together");
    const links = node.inputs.flatMap(({ links: each }) => each);
    if (links.length === 1 && links[0]!.partition === "forward") node.together = links[0]!.from;
    else {
      throw new EngineError(
        "misplaced-call",
        ".together() stands behind an operator that does not take one stream as it comes",
        "leave it out, or say .parallelism(…) and .on(…)",
        2,
      );
    }
    return this;
  }

  #operator(what: string): GraphNode {
    if (this.#node !== undefined) return this.#node;
    throw new EngineError(
      "misplaced-call",
      `.${what}(…) does not stand right behind an operator`,
      "union, rebalance, broadcast and keyBy only say where records go: call it on what follows or precedes them",
      2,
    );
  }
}
