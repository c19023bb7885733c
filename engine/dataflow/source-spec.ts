/** A source as a job names it: what its records are, and how to make one that yields only what is read of them. */
import type { Fields, Schema } from "../records/schema.ts";
import type { Source } from "../sources/source.ts";

/** A source of one kind of records. */
export type SourceSpec<F extends Fields> = {
  /** What it is called in plans: `generated`, `file /x.jsonl`. */
  readonly name: string;
  readonly schema: Schema<F>;
  /**
   * A new source for one subtask. `columns` are those that anything downstream reads, in the order of the schema (there
   * may be none: then only the number of rows counts), and `pruned` is the schema of its batches. Where nothing reads event
   * times, batches need no `times`.
   */
  readonly make: (columns: readonly string[], pruned: Schema, eventTime: boolean) => Source;
  /** For a source that cannot be split: it gets at most so many subtasks. */
  readonly parallelismMax?: number;
  /** It waits for `setLoad`, and does as that says. */
  readonly takesLoad?: boolean;
  /**
   * How far its subtasks may get ahead of the slowest, in event time, unless who runs the job says otherwise: for a source that
   * reads as fast as it can, whose subtasks would drift apart. Where a job has several sources, all of them must say so.
   */
  readonly aheadMs?: number;
};

/** What the job takes of one output of a source. */
export type WantedOutput = {
  /** In the order of the schema. */
  readonly columns: readonly string[];
  /** Has these columns: the schema of the batches. */
  readonly schema: Schema;
  /** Whether anything reads event times; if not, batches need no `times`. */
  readonly eventTime: boolean;
};

/** A source of several kinds of records, each put out under its name, none under "". */
export type SplitSourceSpec<Outputs extends Readonly<Record<string, Fields>>> = {
  readonly name: string;
  readonly outputs: { readonly [Name in keyof Outputs]: Schema<Outputs[Name]> };
  /** An output that nothing takes is undefined: its records need not be made. */
  readonly make: (wanted: { readonly [Name in keyof Outputs]: WantedOutput | undefined }) => Source;
  readonly parallelismMax?: number;
  /** As that of a source of one kind. */
  readonly aheadMs?: number;
};
