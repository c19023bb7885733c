/**
 * Takes the checkpoints of one attempt: says when one starts, collects what the subtasks have stored for it, and
 * writes the manifest last. One at a time.
 */
import type { Manifest, TaskDescription } from "../checkpoint/manifest.ts";
import { encodeManifest, subtaskName } from "../checkpoint/manifest.ts";
import { checkpointFolder, checkpointsOf, manifestName, savepointsOf } from "../checkpoint/names.ts";
import type { Store } from "../checkpoint/store.ts";
import type { CheckpointKind, CheckpointMode, JobSpec, SubtaskId, ToWorker } from "../runtime/messages.ts";
import { type CheckpointHistory, figuresOf } from "./checkpoint-history.ts";
import type { CheckpointSettings } from "./coordinator-options.ts";
import type { StoreRetry } from "./store-retry.ts";

export type CompleteCheckpoint = { readonly name: string; readonly manifest: Manifest };

export type CheckpointRequest = {
  readonly kind: CheckpointKind;
  readonly mode: CheckpointMode;
  /** Kept for ever and standing alone. */
  readonly savepoint: boolean;
  readonly done: (error: Error | undefined, complete: CompleteCheckpoint | undefined) => void;
};

/** What is the same for all checkpoints of an attempt. */
export type CheckpointedAttempt = {
  readonly attempt: number;
  readonly name: string;
  readonly job: JobSpec;
  readonly tasks: readonly TaskDescription[];
  /** It started from a savepoint, whose blobs no checkpoint may refer to. */
  readonly fromSavepoint: boolean;
};

export type CheckpointHost = {
  nowMs(): number;
  toWorkers(message: ToWorker): void;
  started(checkpoint: number, kind: CheckpointKind): void;
  /** The manifest is durable. Called before the request's `done`. */
  completed(complete: CompleteCheckpoint): void;
  failed(checkpoint: number, because: string): void;
  tooManyFailures(because: string): void;
};

type Pending = CheckpointRequest & {
  readonly checkpoint: number;
  readonly folder: string;
  readonly startedMs: number;
  readonly deadlineMs: number;
  readonly missing: Set<string>;
  readonly parts: { task: number; subtask: number; part: unknown }[];
  /** From then on a failure of the attempt does not undo it: the manifest may be there already. */
  writingSinceMs: number | undefined;
};

export class Checkpointer {
  readonly #settings: CheckpointSettings;
  readonly #store: Store;
  readonly #retry: StoreRetry;
  readonly #history: CheckpointHistory;
  readonly #host: CheckpointHost;
  readonly #attempt: CheckpointedAttempt;
  readonly #takeNumber: () => number;
  readonly #queue: CheckpointRequest[] = [];
  #pending: Pending | undefined;
  #dueMs = Infinity;
  #failures = 0;
  #completed = 0;
  #stopped = false;
  #last = false;

  constructor(
    attempt: CheckpointedAttempt,
    settings: CheckpointSettings,
    store: Store,
    retry: StoreRetry,
    history: CheckpointHistory,
    takeNumber: () => number,
    host: CheckpointHost,
  ) {
    this.#attempt = attempt;
    this.#settings = settings;
    this.#store = store;
    this.#retry = retry;
    this.#history = history;
    this.#takeNumber = takeNumber;
    this.#host = host;
  }

  /** Sources run from now on. */
  start(): void {
    this.#dueMs = this.#host.nowMs() + this.#settings.intervalMs;
  }

  /** Before all others that are not under way. After a `stop` or a `final` one nothing more is taken at an interval. */
  request(request: CheckpointRequest): void {
    this.#queue.push(request);
    if (request.kind === "stop" || request.kind === "final") this.#last = true;
    if (this.#pending === undefined) this.#begin(this.#queue.shift()!);
  }

  /** Once more whenever it fails; the end of that is that too many have failed in a row. */
  takeFinal(done: () => void): void {
    this.request({
      kind: "final",
      mode: "aligned",
      savepoint: false,
      done: (error) => {
        if (error === undefined) done();
        else if (!this.#stopped) this.takeFinal(done);
      },
    });
  }

  onTime(nowMs: number) {
    const pending = this.#pending;
    if (pending !== undefined && pending.writingSinceMs === undefined && pending.deadlineMs <= nowMs) {
      const missing = [...pending.missing].slice(0, 5).join(", ");
      return this.#fail(
        `not complete after ${this.#settings.timeoutMs} ms; subtasks ${missing} have not answered`,
      );
    }
    if (pending === undefined && !this.#stopped && !this.#last && this.#dueMs <= nowMs) {
      this.#begin({ kind: "checkpoint", mode: this.#settings.mode, savepoint: false, done: () => {} });
    }
  }

  nextWakeMs(): number {
    if (this.#stopped) return Infinity;
    if (this.#pending !== undefined) {
      return this.#pending.writingSinceMs === undefined ? this.#pending.deadlineMs : Infinity;
    }
    return this.#last ? Infinity : this.#dueMs;
  }

  onAcknowledge(checkpoint: number, subtask: SubtaskId, part: unknown): void {
    const pending = this.#pending;
    if (pending?.checkpoint !== checkpoint || !pending.missing.delete(subtaskName(subtask))) return;
    pending.parts.push({ ...subtask, part });
    if (pending.missing.size === 0) this.#writeManifest(pending);
  }

  onDeclined(checkpoint: number, subtask: SubtaskId, because: string): void {
    const pending = this.#pending;
    if (pending?.checkpoint !== checkpoint || pending.writingSinceMs !== undefined) return;
    this.#fail(`subtask ${subtaskName(subtask)}: ${because}`);
  }

  /** The attempt is over. What is being written to the store may still become complete. */
  stop(because: string): void {
    this.#stopped = true;
    for (const { done } of this.#queue.splice(0)) done(new Error(because), undefined);
    if (this.#pending !== undefined && this.#pending.writingSinceMs === undefined) this.#fail(because);
  }

  #begin(request: CheckpointRequest): void {
    const { attempt, name, tasks, fromSavepoint } = this.#attempt;
    const checkpoint = this.#takeNumber();
    const parent = request.savepoint ? savepointsOf(name) : checkpointsOf(name);
    const folder = checkpointFolder(parent, checkpoint, attempt);
    const startedMs = this.#host.nowMs();
    // What somebody asks for in between does not put the next one off.
    if (request.kind === "checkpoint") this.#dueMs = startedMs + this.#settings.intervalMs;
    const missing = new Set<string>();
    for (const [task, { parallelism }] of tasks.entries()) {
      for (let subtask = 0; subtask < parallelism; subtask++) missing.add(subtaskName({ task, subtask }));
    }
    const deadlineMs = startedMs + this.#settings.timeoutMs;
    this.#pending = {
      ...request,
      checkpoint,
      folder,
      startedMs,
      deadlineMs,
      missing,
      parts: [],
      writingSinceMs: undefined,
    };
    const incremental = !request.savepoint && (this.#completed > 0 || !fromSavepoint);
    const { mode, kind } = request;
    this.#host.started(checkpoint, kind);
    this.#host.toWorkers({ is: "checkpoint", attempt, checkpoint, mode, kind, folder, incremental });
  }

  #writeManifest(pending: Pending): void {
    const { attempt, name, job, tasks } = this.#attempt;
    const { checkpoint, kind, mode, startedMs, parts } = pending;
    pending.writingSinceMs = this.#host.nowMs();
    parts.sort((one, other) => one.task - other.task || one.subtask - other.subtask);
    const completedMs = pending.writingSinceMs;
    const manifest: Manifest = {
      name,
      job,
      checkpoint,
      attempt,
      kind,
      mode,
      startedMs,
      completedMs,
      tasks,
      parts,
    };
    const manifestAt = manifestName(pending.folder);
    const bytes = encodeManifest(manifest);
    this.#retry.run(
      "writing a manifest",
      (answer: (error: Error | undefined, value: undefined) => void) =>
        this.#store.put(manifestAt, bytes, answer),
      (error) => {
        if (error !== undefined) return this.#fail(error.message);
        this.#complete(pending, { name: manifestAt, manifest });
      },
    );
  }

  #complete(pending: Pending, complete: CompleteCheckpoint): void {
    this.#record(pending, { manifest: complete.name });
    this.#pending = undefined;
    this.#failures = 0;
    if (!pending.savepoint) this.#completed++;
    const { attempt } = this.#attempt;
    this.#host.toWorkers({ is: "checkpoint-complete", attempt, checkpoint: pending.checkpoint });
    this.#host.completed(complete);
    pending.done(undefined, complete);
    this.#next();
  }

  #fail(because: string) {
    const pending = this.#pending!;
    this.#record(pending, { failed: because });
    this.#pending = undefined;
    const { attempt } = this.#attempt;
    this.#host.toWorkers({ is: "checkpoint-aborted", attempt, checkpoint: pending.checkpoint });
    this.#host.failed(pending.checkpoint, because);
    const what = pending.savepoint ? "savepoint" : "checkpoint";
    pending.done(new Error(`${what} ${pending.checkpoint} failed: ${because}`), undefined);
    if (this.#stopped) return;
    this.#failures++;
    if (this.#failures > this.#settings.tolerableFailures) {
      return this.#host.tooManyFailures(
        `${this.#failures} checkpoints in a row failed; the last: ${because}`,
      );
    }
    this.#next();
  }

  #next() {
    if (this.#stopped || this.#pending !== undefined) return;
    const request = this.#queue.shift();
    if (request !== undefined) return this.#begin(request);
    this.#dueMs = Math.max(this.#dueMs, this.#host.nowMs() + this.#settings.minPauseMs);
  }

  #record(pending: Pending, outcome: { manifest: string } | { failed: string }): void {
    const { checkpoint, kind, mode, startedMs, writingSinceMs, parts } = pending;
    const nowMs = this.#host.nowMs();
    const manifestMs = writingSinceMs === undefined ? 0 : nowMs - writingSinceMs;
    this.#history.add({
      checkpoint,
      attempt: this.#attempt.attempt,
      kind,
      mode,
      startedMs,
      durationMs: nowMs - startedMs,
      manifestMs,
      ...figuresOf(parts.map(({ part }) => part)),
      ...outcome,
    });
  }
}
