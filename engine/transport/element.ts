/** What travels on a channel, in order: records, and the signals between them. */
import type { Batch } from "../records/batch.ts";
import type { CheckpointKind, CheckpointMode } from "../runtime/messages.ts";

export type Signal =
  /** No later record is older than `ms`; `dueMs` is when it was due at its source (NaN where nothing is paced). */
  | { readonly is: "watermark"; readonly ms: number; readonly dueMs: number }
  /** Nothing comes for now: leave this channel out of the minimum, until its next record or watermark. */
  | { readonly is: "idle" }
  | {
      readonly is: "barrier";
      readonly checkpoint: number;
      readonly kind: CheckpointKind;
      readonly mode: CheckpointMode;
    }
  /** Nothing comes any more. */
  | { readonly is: "end" };

/** `bytes` is what a batch takes of its receiver's memory, and of its channel's credit until it is consumed. */
export type Element = { readonly is: "batch"; readonly batch: Batch; readonly bytes: number } | Signal;
