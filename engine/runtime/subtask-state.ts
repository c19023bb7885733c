/** The states of a subtask, each with what it owns, and which may follow which. */
import type { Fifo } from "./fifo.ts";
import type { Replay } from "./in-flight.ts";

export type SubtaskState =
  /** Waits until all others are deployed. */
  | { readonly is: "deployed" }
  /** Records that were in flight come before anything else. */
  | { readonly is: "replaying"; readonly replays: Fifo<Replay> }
  | { readonly is: "running" }
  /** No input any more, but results are still to come. */
  | { readonly is: "ending" }
  /** All is emitted, but not all is sent. */
  | { readonly is: "draining" }
  | { readonly is: "ended" }
  /** Behind the barrier of its job's last checkpoint. */
  | { readonly is: "stopped" }
  | { readonly is: "failed" }
  | { readonly is: "closed" };

const legalMoves: Record<SubtaskState["is"], readonly SubtaskState["is"][]> = {
  deployed: ["replaying", "failed", "closed"],
  replaying: ["running", "failed", "closed"],
  running: ["ending", "stopped", "failed", "closed"],
  ending: ["draining", "failed", "closed"],
  draining: ["ended", "failed", "closed"],
  ended: ["failed", "closed"],
  stopped: ["failed", "closed"],
  failed: ["closed"],
  closed: [],
};

export function checkMove(from: SubtaskState["is"], to: SubtaskState["is"]): void {
  if (!legalMoves[from].includes(to)) throw new Error(`a subtask that is ${from} cannot become ${to}`);
}

/** Its operators have work, or may get some. */
export const isActive = ({ is }: SubtaskState): boolean =>
  is === "replaying" || is === "running" || is === "ending";

/** Nothing that happens to its channels can harm it any more. */
export const isThrough = ({ is }: SubtaskState): boolean =>
  is === "ended" || is === "stopped" || is === "closed";
