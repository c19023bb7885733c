/** What is common to all kinds of keyed state: where the operator stands, and when a kind may look things up at once. */
import type { Column } from "../../records/batch.ts";

/** The row of a column of keys that an operator works on; one object, shared by all that its function sees. */
export class KeyPosition {
  row = 0;
  column: Column = new Float64Array(0);
  /** Processing time, read once for each call into the operator. */
  nowMs = 0;
}

export interface KeyedHandle {
  /** The position's column has `count` rows to be worked on. */
  begin(count: number): void;
  /** They are through. What holds nothing any more can go. */
  end(): void;
}
