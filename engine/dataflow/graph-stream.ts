/** A stream as the graph has it: whose outputs its records are, and how an operator is put behind them. */
import { EngineError } from "../engine-error.ts";
import type { Fields, Schema } from "../records/schema.ts";
import { type FlowGraph, Named } from "./flow-graph.ts";
import type { GraphInput, GraphNode, Link } from "./graph.ts";
import type { OperatorSpec } from "./operator-spec.ts";

export class GraphStream<F extends Fields> extends Named {
  readonly graph: FlowGraph;
  readonly schema: Schema<F>;
  readonly links: readonly Link[];
  /** The one operator that the stream comes from; undefined for a union and the like. */
  protected readonly node: GraphNode | undefined;
  /** Outputs of that operator beside this one. */
  protected readonly sides: Readonly<Record<string, Schema>>;

  constructor(
    graph: FlowGraph,
    schema: Schema<F>,
    links: readonly Link[],
    node?: GraphNode,
    sides: Readonly<Record<string, Schema>> = {},
  ) {
    super(node);
    this.graph = graph;
    this.schema = schema;
    this.links = links;
    this.node = node;
    this.sides = sides;
  }

  /** What an operator on this stream takes. */
  get input(): GraphInput {
    return { links: this.links, schema: this.schema };
  }

  /** `suffix`: the job did not write it; it is called after what is in front. */
  protected addBehind(spec: OperatorSpec, suffix?: string): GraphNode {
    const idFrom = suffix === undefined ? undefined : this.graph.nameFor(this.links[0]!.from, suffix);
    return this.graph.addOperator(spec, [this.input], idFrom);
  }
}

/** What a union takes; all must have the same columns. */
export function unitedLinks<F extends Fields>(
  streams: readonly [GraphStream<F>, ...GraphStream<F>[]],
): Link[] {
  const [{ schema }, ...others] = streams;
  for (const { schema: other } of others) {
    if (JSON.stringify(other.columns) === JSON.stringify(schema.columns)) continue;
    throw new EngineError(
      "bad-union",
      `a union of ${describe(schema)} with ${describe(other)}`,
      "give both the same columns in the same order, with select(…) or map(…)",
      2,
    );
  }
  return streams.flatMap(({ links }) => links);
}

const describe = ({ columns }: Schema): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join(", ");
