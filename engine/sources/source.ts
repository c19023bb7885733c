/** What a source is to the runtime: it is asked for the next batch whenever its outputs have room. */
import type { OperatorContext } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import type { Load } from "./load.ts";

export type Polled =
  /** `batch` is lent until the next poll. More can be had at once. */
  | { is: "batch"; batch: Batch }
  /** It has emitted through the outputs of its context (a source with side outputs). More can be had at once. */
  | { is: "emitted" }
  /** Nothing before this wall-clock time (Infinity: not before `wake`). The source counts as idle when `idle`. */
  | { is: "waiting"; untilMs: number; idle: boolean }
  | { is: "end" };

export interface Source {
  open(context: OperatorContext): void;
  /** `rowsMax`: more would keep others waiting, as they are consumed slowly. */
  poll(nowMs: number, rowsMax?: number): Polled;
  /** No later record is older than this; read after each poll. -Infinity where there is no event time. */
  readonly watermarkMs: number;
  /** When the newest event time was due, in wall-clock ms; NaN where nothing is paced. */
  readonly dueMs: number;
  /** The load is another one from now on: of a source that makes what it is told to from outside. */
  setLoad?(load: Load): void;
  /** Figures of its own. Of one that takes a load: `position`, below which it has made all of its numbers, and `lagMs`. */
  metrics?(): Readonly<Record<string, unknown>>;
  onBarrier?(checkpoint: number): void;
  onCheckpointComplete?(checkpoint: number): void;
  close?(): void;
}
