/** The states of a job, each with what it owns, and which may follow which. */
import type { Failure } from "../runtime/messages.ts";

export type JobState =
  /** The journal is being read. */
  | { readonly is: "recovering" }
  | { readonly is: "waiting-for-workers"; readonly untilMs: number }
  /** Written to the journal first, then sent to the workers; `awaiting` are those that have not answered. */
  | { readonly is: "deploying"; readonly awaiting: Set<string>; readonly untilMs: number }
  | { readonly is: "running"; readonly sinceMs: number }
  /** The sources stop at a savepoint's barrier. */
  | { readonly is: "stopping"; readonly why: StopReason }
  /** All subtasks have ended; the final checkpoint is being taken. */
  | { readonly is: "finishing" }
  /** The last checkpoint is complete; the workers publish what it commits and let go of the job. */
  | {
      readonly is: "releasing";
      readonly why: StopReason | "finish";
      readonly awaiting: Set<string>;
      readonly untilMs: number;
    }
  | { readonly is: "restarting"; readonly untilMs: number }
  | { readonly is: "finished" }
  /** Stopped with a savepoint. */
  | { readonly is: "stopped"; readonly savepoint: string }
  | { readonly is: "failed"; readonly failure: Failure }
  | { readonly is: "cancelled" };

export type StopReason = "stop" | "rescale";
export type StateName = JobState["is"];
export type StateOf<Name extends StateName> = Extract<JobState, { is: Name }>;
export type EndState = StateOf<"finished" | "stopped" | "failed" | "cancelled">;

export const legalMoves = {
  recovering: ["waiting-for-workers", "finished", "stopped", "failed", "cancelled"],
  "waiting-for-workers": ["deploying", "waiting-for-workers", "failed", "cancelled"],
  deploying: ["running", "restarting", "waiting-for-workers", "failed", "cancelled"],
  running: ["stopping", "finishing", "restarting", "failed", "cancelled"],
  stopping: ["releasing", "restarting", "failed", "cancelled"],
  finishing: ["releasing", "restarting", "failed", "cancelled"],
  releasing: ["finished", "stopped", "waiting-for-workers", "restarting", "failed", "cancelled"],
  restarting: ["waiting-for-workers", "failed", "cancelled"],
  finished: [],
  stopped: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<StateName, readonly StateName[]>;

export const isOver = (state: JobState): boolean => legalMoves[state.is].length === 0;

/** Where a job is. All moves are made, checked and told here. */
export class Lifecycle {
  #state: JobState = { is: "recovering" };
  readonly #tell: (from: StateName, to: StateName, because: string) => void;

  constructor(tell: (from: StateName, to: StateName, because: string) => void) {
    this.#tell = tell;
  }

  get state(): JobState {
    return this.#state;
  }

  move(to: JobState, because: string): void {
    const from = this.#state.is;
    checkMove(from, to.is);
    this.#state = to;
    this.#tell(from, to.is, because);
  }
}

export function checkMove(from: StateName, to: StateName): void {
  const legal: readonly StateName[] = legalMoves[from];
  if (!legal.includes(to)) throw new Error(`a job cannot go from ${from} to ${to}`);
}
