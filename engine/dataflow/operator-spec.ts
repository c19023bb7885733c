/**
 * What the planner knows of an operator before the columns of its inputs are settled: which it reads, what comes out.
 * Columns that nothing reads are left out from the source on, so an operator is made for what its inputs really have.
 */
import type { Operator } from "../operators/operator.ts";
import type { Schema } from "../records/schema.ts";
import type { Source } from "../sources/source.ts";

/** Names of columns, and `eventTime` where event times are read. */
export type ColumnNames = ReadonlySet<string>;
/** Reads as if it were a column: who does not name it may get batches without times. */
export const eventTime = "$time";
/** By output: what those who take it read. An output that nobody takes is not there. */
export type Wanted = ReadonlyMap<string, ColumnNames>;

export type Outputs = Readonly<Record<string, Schema>>;

export type ResolvedOperator = {
  /** By output: "" is the main one, others are side outputs. They may have columns that nobody wanted. */
  readonly outputs: Outputs;
  /** A new operator for one subtask. */
  readonly make: () => Operator;
  /**
   * What may stand in front of a hash edge and begin the work on one sender's records. What it puts out goes to an input
   * of its own, behind the others, which the operator has in any case: so its inputs are the same at all parallelisms.
   */
  readonly before?: ResolvedOperator;
};

export type OperatorSpec = {
  readonly name: string;
  /** What it puts out where no column is left out. */
  readonly outputs: Outputs;
  /** By input, the columns that it reads; the planner adds the key's. */
  reads(wanted: Wanted): readonly ColumnNames[];
  /** `inputs` have the columns that `reads` told and no others, in the order of the full schema. */
  resolve(inputs: readonly Schema[], wanted: Wanted): ResolvedOperator;
  readonly parallelismMax?: number;
  readonly facts?: OperatorFacts;
};

/** What those who predict how an operator behaves want to know of it. */
export type OperatorFacts = {
  /** How long its windows of event time are, where they are all of one length. */
  readonly windowMs?: number;
  /** Pairs records of two inputs: results for each record grow with the rate. */
  readonly joins?: true;
};

export type SourcePlanSpec = {
  readonly name: string;
  readonly outputs: Outputs;
  resolve(wanted: Wanted): { readonly outputs: Outputs; readonly make: () => Source };
  readonly parallelismMax?: number;
  readonly takesLoad?: boolean;
  readonly aheadMs?: number;
};

/** The schema with only these columns. */
export function pruned(full: Schema, names: ColumnNames): Schema {
  const columns = full.columns.filter((column) => names.has(column.name));
  if (columns.length === full.columns.length) return full;
  return {
    fields: Object.fromEntries(columns.map(({ name }) => [name, full.fields[name]!])),
    columns,
  };
}

export const columnNames = ({ columns }: Schema): string[] => columns.map((column) => column.name);

const none: ColumnNames = new Set();
export const wantedOf = (wanted: Wanted, output = ""): ColumnNames => wanted.get(output) ?? none;
