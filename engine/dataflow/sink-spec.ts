/** A sink as a job names it: what it reads, and how to make one for the columns that are there. */
import type { Operator } from "../operators/operator.ts";
import type { Schema } from "../records/schema.ts";

export type SinkSpec = {
  readonly name: string;
  /** The columns that it takes; all where this is left out. */
  readonly reads?: readonly string[];
  /** It reads `batch.times`; without it they may be left out. */
  readonly readsEventTime?: boolean;
  /** A new sink for one subtask; `input` has the columns that it takes. */
  readonly make: (input: Schema) => Operator;
  /** It gets at most so many subtasks. */
  readonly parallelismMax?: number;
};
