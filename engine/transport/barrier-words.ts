/** The kinds and modes of checkpoints as small numbers, for the frame of a barrier. New ones go to the end. */
import type { CheckpointKind, CheckpointMode } from "../runtime/messages.ts";

export const checkpointKinds = [
  "checkpoint",
  "savepoint",
  "stop",
  "final",
] as const satisfies CheckpointKind[];
export const checkpointModes = ["aligned", "unaligned"] as const satisfies CheckpointMode[];
