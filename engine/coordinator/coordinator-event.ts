/** What a coordinator tells of what it does, in the order of doing: for the log, a run's record and the simulator's trace. */
import type { CheckpointKind } from "../runtime/messages.ts";
import type { StateName } from "./lifecycle.ts";

export type CoordinatorEvent =
  | { readonly event: "moved"; readonly from: StateName; readonly to: StateName; readonly because: string }
  | {
      readonly event: "worker-joined";
      readonly worker: string;
      readonly slots: number;
      readonly role: string;
    }
  | { readonly event: "worker-lost"; readonly worker: string; readonly because: string }
  | { readonly event: "worker-refused"; readonly worker: string; readonly because: string }
  | { readonly event: "attempt"; readonly attempt: number; readonly restore: string | undefined }
  | { readonly event: "checkpoint-started"; readonly checkpoint: number; readonly kind: CheckpointKind }
  | { readonly event: "checkpoint-completed"; readonly checkpoint: number; readonly manifest: string }
  | { readonly event: "checkpoint-failed"; readonly checkpoint: number; readonly because: string }
  | { readonly event: "blobs-removed"; readonly count: number }
  /** The end is in the journal, or could not be written to it. */
  | { readonly event: "ended"; readonly state: StateName }
  | { readonly event: "store-trouble"; readonly doing: string; readonly because: string };
