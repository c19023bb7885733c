/**
 * Records in columns. A batch handed to an operator is lent until the call returns: who needs a value later copies
 * it, so sources and operators can fill the same columns again and again. A batch in a channel's queue is owned.
 */
import type { Schema } from "./schema.ts";

/** Value r is bytes[offsets[r]] up to offsets[r + 1]; the first offset need not be 0. */
export type BytesColumn = { offsets: Int32Array; bytes: Uint8Array };
/** int32: Int32Array. integer, float64, timestamp: Float64Array. bool: Uint8Array of 0 and 1. utf8, bytes: BytesColumn. */
export type Column = Int32Array | Float64Array | Uint8Array | BytesColumn;

export class Batch {
  readonly schema: Schema;
  /** Columns may be longer than this. */
  rowCount: number;
  /** In the order of the schema. */
  readonly columns: Column[];
  /** By column: undefined where every value is there, else 1 for a value and 0 for null (whose slot is zero or empty). */
  readonly valid: (Uint8Array | undefined)[];
  /** Event time by row, in ms; undefined where the stream has none. It may be one of `columns` itself. */
  times: Float64Array | undefined;
  /** When the earliest of these rows was due at its source, in wall-clock ms; NaN where no rate was asked for. */
  dueMs: number;

  constructor(
    schema: Schema,
    rowCount: number,
    columns: Column[],
    times: Float64Array | undefined,
    valid: (Uint8Array | undefined)[] = columns.map(() => undefined),
    dueMs = Number.NaN,
  ) {
    this.schema = schema;
    this.rowCount = rowCount;
    this.columns = columns;
    this.valid = valid;
    this.times = times;
    this.dueMs = dueMs;
  }
}

/** Rows that sources put in one batch, and builders in theirs: columns of so many stay in a core's second-level cache. */
export const batchRows = 4096;
