/**
 * With what a coordinator begins a job: with the run that the store tells of, with a new one, or with nothing, since the
 * job has ended or cannot go on from what is there.
 */
import { checkRestorable } from "../checkpoint/restore-plan.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { failureOf } from "./failure.ts";
import { endIn, type JournalEntry } from "./journal.ts";
import type { EndState } from "./lifecycle.ts";
import { type Recovered, recover } from "./recovery.ts";
import type { Configuration } from "./rescale.ts";

export type Beginning = {
  readonly configuration: Configuration;
  /** The newest there has been; 0 for none, and for an end that the journal is not to tell of. */
  readonly attempt: number;
  /** What the journal goes back to, should the job fail before it has run. */
  readonly left?: JournalEntry;
  readonly next:
    | { readonly is: "wait"; readonly because: string }
    /** An entry of this attempt goes to the journal before anything else. */
    | { readonly is: "note"; readonly because: string }
    | { readonly is: "end"; readonly state: EndState };
};

/** `first` is what a new run has. `done` is not called when the job has been cancelled in the meantime. */
export function beginJob(
  parts: ExecutionParts,
  first: Configuration,
  done: (beginning: Beginning) => void,
): void {
  const { options, journal, store, retry, lifecycle } = parts;
  const { name, start } = options;
  recover(name, start, journal, store, retry, (error, recovered) => {
    if (lifecycle.state.is !== "recovering") return;
    if (error !== undefined) return done(failed(first, error));
    const { entry } = recovered!;
    // The former coordinator died between the end of the job and telling of it.
    const ended = start.from === "takeover" && entry !== undefined ? endIn(entry) : undefined;
    if (ended === undefined) done(goingOn(parts, first, recovered!));
    else done({ configuration: first, attempt: 0, next: { is: "end", state: ended } });
  });
}

function goingOn(
  { options: { start, plan }, load, checkpoints }: ExecutionParts,
  first: Configuration,
  { entry, left, restore, lastAttempt, lastCheckpoint }: Recovered,
): Beginning {
  const configuration = entry === undefined ? first : { job: entry.job, tables: entry.tables, placement: {} };
  load.load = entry?.load;
  checkpoints.recovered(restore, lastCheckpoint);
  try {
    const made = plan(configuration.job);
    const lenient = start.from !== "savepoint" || start.allowDroppedState;
    if (restore !== undefined) checkRestorable(restore.manifest, restore.name, made, lenient);
  } catch (error) {
    return failed(configuration, error);
  }
  if (entry !== undefined) {
    const because = `attempt ${entry.attempt} of the journal goes on`;
    return { configuration, attempt: lastAttempt, next: { is: "wait", because } };
  }
  if (lastAttempt === 0) {
    return { configuration, attempt: 0, next: { is: "wait", because: "the job is new" } };
  }
  // It is noted that the last run is over, so that nobody takes its end for that of this one.
  const because = "the job is new, others of its name were before";
  const beginning = { configuration, attempt: lastAttempt + 1, next: { is: "note", because } } as const;
  return left === undefined ? beginning : { ...beginning, left };
}

const failed = (configuration: Configuration, error: unknown): Beginning => ({
  configuration,
  attempt: 0,
  next: { is: "end", state: { is: "failed", failure: failureOf(error) } },
});
