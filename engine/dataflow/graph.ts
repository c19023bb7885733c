/** The job as it was written: operators, and which takes what from which. The fluent API makes it, the planner reads it. */
import type { Schema } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { OperatorSpec, SourcePlanSpec } from "./operator-spec.ts";

/** `hash`: by the key that the taking operator has for this input. */
export type LinkPartition = "forward" | "rebalance" | "broadcast" | "hash";

/** That the records of an output go to whoever holds this link. */
export type Link = { readonly from: GraphNode; readonly output: string; readonly partition: LinkPartition };

export type NodeKey = { readonly type: KeyType; readonly column: string };

export type GraphInput = {
  /** Several for a union. */
  readonly links: readonly Link[];
  /** What they all carry, before columns are left out. */
  readonly schema: Schema;
  readonly key?: NodeKey;
};

export type GraphNode = {
  /** What the job calls it. */
  id?: string;
  /** Made for the node of this one: derived from its id. */
  readonly idFrom?: { readonly node: GraphNode; readonly suffix: string };
  readonly spec: { readonly source: SourcePlanSpec } | { readonly operator: OperatorSpec };
  /** Nothing need take its outputs. */
  readonly isSink: boolean;
  readonly inputs: readonly GraphInput[];
  parallelism?: number;
  on?: string;
  /** It has as many subtasks as this one, on the same nodes. */
  together?: GraphNode;
};

export type Graph = { readonly nodes: readonly GraphNode[] };

export const specOf = (node: GraphNode): SourcePlanSpec | OperatorSpec =>
  "source" in node.spec ? node.spec.source : node.spec.operator;

export const linksOf = (node: GraphNode): Link[] => node.inputs.flatMap(({ links }) => links);
