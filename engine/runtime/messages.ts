/**
 * What coordinator and workers say to each other, as JSON over one connection for each worker. Every message of a job's
 * execution carries its `attempt`, so that what a former attempt still says is known for stale.
 */
import type { Load } from "../sources/load.ts";
import type { StateBackend } from "../state/state-backend.ts";

export type JobSpec = {
  /** A built-in job's name, or the path of a job file as the workers see it. */
  readonly use: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** By operator id. */
  readonly parallelismOf: Readonly<Record<string, number>>;
};

export type CheckpointMode = "aligned" | "unaligned";

/** One placed subtask. */
export type SubtaskId = { readonly task: number; readonly subtask: number };

export type Deployment = {
  readonly attempt: number;
  readonly job: JobSpec;
  /** By task, by subtask: the worker it runs on. */
  readonly placement: readonly (readonly string[])[];
  /** By task: the key-group table of its keyed operators. */
  readonly assignments: readonly { readonly version: number; readonly subtaskOf: readonly number[] }[];
  /** Where workers listen for each other's channels. */
  readonly peers: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly settings: RuntimeSettings;
  /** The manifest to start from; undefined for an empty start. */
  readonly restore?: string;
};

export type RuntimeSettings = {
  /** Records wait so long for their batch to fill. */
  readonly flushMs: number;
  readonly batchRows: number;
  /** All queues and send buffers of a worker together. */
  readonly bufferBytes: number;
  readonly mode: CheckpointMode;
  /** A source of the same job may be so far ahead of the slowest, in event time; Infinity: as far as it gets. Left out: as sources say. */
  readonly alignmentMs?: number;
  /** In memory if left out. */
  readonly state?: StateBackend;
};

export type ToWorker =
  | { is: "deploy"; deployment: Deployment }
  /** All subtasks of the attempt are deployed everywhere: sources begin, with this load if one is in force. */
  | { is: "start"; attempt: number; load?: Load }
  /** Another load is in force. */
  | { is: "load"; attempt: number; load: Load }
  | {
      is: "checkpoint";
      attempt: number;
      checkpoint: number;
      mode: CheckpointMode;
      kind: CheckpointKind;
      /** The names of all blobs of this checkpoint begin with it and a slash. Workers put blobs and never remove one. */
      folder: string;
      /** Whether parts may refer to blobs of the last complete checkpoint; a savepoint has to stand alone. */
      incremental: boolean;
    }
  | { is: "checkpoint-complete"; attempt: number; checkpoint: number }
  | { is: "checkpoint-aborted"; attempt: number; checkpoint: number }
  /** Stop and forget everything of attempts up to this one. */
  | { is: "cancel"; attempt: number }
  /** How far the slowest source at work is in event time, for their alignment; null: none is at work. */
  | { is: "source-watermark"; attempt: number; watermarkMs: number | null }
  | { is: "shut-down" };

/** `stop`: sources end with this barrier, and the job with its completion. `final`: all input has ended. */
export type CheckpointKind = "checkpoint" | "savepoint" | "stop" | "final";

export type FromWorker =
  | {
      is: "hello";
      worker: string;
      token: string;
      slots: number;
      role: string;
      host: string;
      port: number;
      pid: number;
    }
  | { is: "deployed"; attempt: number }
  | { is: "deploy-failed"; attempt: number; error: Failure }
  /** What a subtask has stored for a checkpoint: `part` goes into the manifest as it is. */
  | { is: "acknowledge"; attempt: number; checkpoint: number; subtask: SubtaskId; part: unknown }
  | { is: "checkpoint-declined"; attempt: number; checkpoint: number; subtask: SubtaskId; error: Failure }
  | { is: "subtask-failed"; attempt: number; subtask: SubtaskId; error: Failure }
  /** All its input has ended and all its output is sent. */
  | { is: "subtask-ended"; attempt: number; subtask: SubtaskId }
  | { is: "cancelled"; attempt: number }
  /** The same, of this worker's. */
  | { is: "source-watermark"; attempt: number; watermarkMs: number | null }
  | { is: "metrics"; attempt: number; atMs: number; metrics: unknown };

export type Failure = { readonly code: string; readonly message: string; readonly userError: boolean };
