/**
 * What a job is to the runtime: tasks (chains of operators that run as one subtask) and the edges between them. Pure
 * data but for the functions that make operators; each worker builds the same plan from the same job file and settings.
 */
import type { Operator } from "../operators/operator.ts";
import type { Schema } from "../records/schema.ts";
import type { Source } from "../sources/source.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { OperatorFacts } from "./operator-spec.ts";

export type OperatorPlan = {
  /** Unique in the job, and the same from version to version: state is found by it. */
  readonly id: string;
  readonly name: string;
  /** By input; empty for a source. */
  readonly inputs: readonly Schema[];
  /** For keyed operators. By input: the place of the key's column; -1 for an input that all subtasks get whole. */
  readonly key?: { readonly type: KeyType; readonly columns: readonly number[] };
  /** By output: "" is the main one, which a source with several may lack; others are side outputs. */
  readonly outputs: Readonly<Record<string, Schema>>;
  readonly make: { readonly source: () => Source } | { readonly operator: () => Operator };
  /** A source that makes what it is told to from outside. */
  readonly takesLoad?: true;
  /** Of a source: how far its subtasks may get ahead of the slowest, in event time, if nobody says otherwise. */
  readonly aheadMs?: number;
  /** Where there is something to tell. */
  readonly facts?: OperatorFacts;
  /** Outputs that are taken within the same task. The output is "" or a side output's name. */
  readonly chained: readonly { readonly output: string; readonly to: number; readonly input: number }[];
};

/** Operators stand in an order in which each stands behind those that feed it; the first is a source or takes the edges. */
export type TaskPlan = {
  readonly name: string;
  readonly parallelism: number;
  /** The role of nodes to run on; any if undefined. */
  readonly on?: string;
  readonly operators: readonly OperatorPlan[];
};

export type Partition =
  | { readonly by: "forward" | "rebalance" | "broadcast" }
  /** By the key group of a column, through the assignment of the task that it goes to. */
  | { readonly by: "hash"; readonly key: KeyType; readonly column: number };

export type EdgePlan = {
  readonly from: { readonly task: number; readonly operator: number; readonly output: string };
  readonly to: { readonly task: number; readonly operator: number; readonly input: number };
  readonly schema: Schema;
  readonly partition: Partition;
};

export type JobPlan = {
  readonly name: string;
  readonly maxParallelism: number;
  readonly tasks: readonly TaskPlan[];
  readonly edges: readonly EdgePlan[];
};
