/** Where a job stands, read from its store when a coordinator starts: nothing else is remembered over its death. */
import { decodeManifest } from "../checkpoint/manifest.ts";
import { checkpointsOf, folderOf, isManifest, savepointsOf } from "../checkpoint/names.ts";
import type { Store } from "../checkpoint/store.ts";
import type { CompleteCheckpoint } from "./checkpointer.ts";
import type { StartFrom } from "./coordinator-options.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { StoreRetry } from "./store-retry.ts";

export type Recovered = {
  /** The run that goes on, or, for a takeover, has ended; undefined for a new one. */
  readonly entry: JournalEntry | undefined;
  /** Of a start from a savepoint: the run that has not ended and is left for it. */
  readonly left: JournalEntry | undefined;
  readonly restore: CompleteCheckpoint | undefined;
  readonly lastAttempt: number;
  readonly lastCheckpoint: number;
};

export function recover(
  job: string,
  start: StartFrom,
  journal: Journal,
  store: Store,
  retry: StoreRetry,
  done: (error: Error | undefined, recovered: Recovered | undefined) => void,
): void {
  const list = (prefix: string, then: (names: readonly string[]) => void) =>
    retry.run(
      "listing checkpoints",
      (answer: (error: Error | undefined, names: readonly string[]) => void) => store.list(prefix, answer),
      (error, names) => (error === undefined ? then(names) : done(error, undefined)),
    );
  journal.read((error, newest) => {
    if (error !== undefined) return done(error, undefined);
    list(checkpointsOf(job), (checkpoints) => {
      list(savepointsOf(job), (savepoints) => {
        const found = foldersOf(job, checkpoints, savepoints);
        const lastAttempt = Math.max(newest?.attempt ?? 0, ...found.map(({ attempt }) => attempt));
        const lastCheckpoint = Math.max(0, ...found.map(({ checkpoint }) => checkpoint));
        const resumed = isResumed(start, newest) ? newest : undefined;
        const left = start.from === "savepoint" && isUnfinished(newest) ? newest : undefined;
        const restore =
          start.from === "savepoint"
            ? start.manifest
            : resumed && newestOf(resumed, [...checkpoints, ...savepoints], job);
        const ready = (manifest: CompleteCheckpoint | undefined) =>
          done(undefined, { entry: resumed, left, restore: manifest, lastAttempt, lastCheckpoint });
        if (restore === undefined) return ready(undefined);
        readManifest(store, retry, restore, (failure, manifest) =>
          failure === undefined ? ready(manifest) : done(failure, undefined),
        );
      });
    });
  });
}

const isResumed = ({ from }: StartFrom, newest: JournalEntry | undefined): boolean =>
  from === "takeover" || (from === "resume" && isUnfinished(newest));

const isUnfinished = (newest: JournalEntry | undefined): boolean =>
  newest?.status === "running" || newest?.status === "failed";

export function readManifest(
  store: Store,
  retry: StoreRetry,
  name: string,
  done: (error: Error | undefined, manifest: CompleteCheckpoint | undefined) => void,
): void {
  retry.run(
    "reading a manifest",
    (answer: (error: Error | undefined, bytes: Uint8Array) => void) => store.get(name, answer),
    (error, bytes) => {
      if (error !== undefined) return done(error, undefined);
      let complete: CompleteCheckpoint;
      try {
        complete = { name, manifest: decodeManifest(bytes, name) };
      } catch (failure) {
        return done(failure as Error, undefined);
      }
      done(undefined, complete);
    },
  );
}

/**
 * The newest manifest of the newest attempt, or what that attempt started from; older attempts' are out of date.
 * Savepoints count, since sinks have published what was prepared for them.
 */
function newestOf(entry: JournalEntry, names: readonly string[], job: string): string | undefined {
  let newest: { checkpoint: number; name: string } | undefined;
  for (const name of names.filter(isManifest)) {
    const found = folderOf(checkpointsOf(job), name) ?? folderOf(savepointsOf(job), name);
    if (found === undefined || found.attempt !== entry.attempt) continue;
    if (newest === undefined || found.checkpoint > newest.checkpoint) newest = { ...found, name };
  }
  return newest?.name ?? entry.restore;
}

function foldersOf(job: string, checkpoints: readonly string[], savepoints: readonly string[]) {
  const found = [
    ...checkpoints.map((name) => folderOf(checkpointsOf(job), name)),
    ...savepoints.map((name) => folderOf(savepointsOf(job), name)),
  ];
  return found.filter((folder) => folder !== undefined);
}
