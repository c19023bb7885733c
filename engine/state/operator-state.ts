/**
 * The state of one operator in one subtask, as the operator sees it. Whatever is registered here is snapshotted,
 * restored and redistributed by key group without the operator's doing. Ask for it in `open`, always by the same name.
 */
import type { Schema } from "../records/schema.ts";
import type { KeyedTable } from "./keyed-table.ts";
import type { MultiTable } from "./multi-table.ts";
import type { OperatorList } from "./operator-list.ts";
import type { RowShape } from "./row-columns.ts";
import type { Slices } from "./slices.ts";
import type { TimerQueue } from "./timer-queue.ts";

/** bool and float64 are no keys. Integers of all widths and timestamps are told apart for their hash alone. */
export type KeyType = "int32" | "integer" | "timestamp" | "utf8" | "bytes";

/**
 * `meaning` tells what the columns hold, and slices stand for, as far as that would make a snapshot mean something else
 * were it different: a snapshot in which it was another is refused. It must not depend on the run or the subtask.
 */
export interface OperatorState {
  /** A row of plain columns for each key. */
  table(name: string, key: KeyType, shape: RowShape, meaning?: string): KeyedTable;
  /** Such a table for each slice of time that has data. */
  slices(name: string, key: KeyType, shape: RowShape, meaning?: string): Slices<KeyedTable>;
  /** Any number of rows of a schema for each key. */
  multiTable(name: string, key: KeyType, rows: Schema, meaning?: string): MultiTable;
  multiSlices(name: string, key: KeyType, rows: Schema, meaning?: string): Slices<MultiTable>;
  /** Event-time and processing-time timers of keys. */
  timers(name: string, key: KeyType): TimerQueue;
  /** Not keyed: a list of byte strings, dealt out anew (`split`) or given whole to every subtask (`union`) at a restore. */
  list(name: string, redistribute: "split" | "union", meaning?: string): OperatorList;
}
