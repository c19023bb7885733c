/**
 * How many rows to hand on at once so that what they set off takes about a turn: what is handed on cannot be interrupted,
 * and while it is worked on or waited for, nothing else gets its turn. Pure.
 */
import { batchRows } from "../records/batch.ts";

/** As long as a slow node's other turns are; within it a fast one does whole batches. */
const turnMs = 40;
/** Few, so that even the first turn is bounded; twice as many each time make a whole batch of them soon. */
const rowsFirst = 16;
const shrinkMost = 1 / 16;

export class RowsPerTurn {
  rows = rowsFirst;

  /** So many rows as it said took so long. */
  took(ms: number): void {
    if (ms > turnMs) this.rows = Math.max(1, Math.floor(this.rows * Math.max(shrinkMost, turnMs / ms)));
    else if (ms * 2 <= turnMs) this.rows = Math.min(batchRows, this.rows * 2);
  }
}
