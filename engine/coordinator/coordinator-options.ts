/** What a coordinator is told at its start. Times are in ms and have defaults that suit one machine and a lab. */
import type { JobPlan } from "../dataflow/plan.ts";
import type { CheckpointMode, JobSpec, RuntimeSettings } from "../runtime/messages.ts";
import type { RescaleRequest } from "./rescale.ts";

export type StartFrom =
  /** What a person means: where a run of this name left off that has not finished, or has failed; empty if there is none. */
  | { readonly from: "resume" }
  /** What a supervisor means whose coordinator died: as `resume`, but a run that has ended in the meantime stays ended. */
  | { readonly from: "takeover" }
  | { readonly from: "empty" }
  | { readonly from: "savepoint"; readonly manifest: string; readonly allowDroppedState: boolean };

export type CheckpointSettings = {
  /** Infinity: none but savepoints and the final one. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Between the end of one and the start of the next. */
  readonly minPauseMs: number;
  /** So many in a row may fail before the job is restarted. */
  readonly tolerableFailures: number;
  /** Complete checkpoints that are kept; savepoints always are. */
  readonly keep: number;
  readonly mode: CheckpointMode;
};

export type RestartSettings = {
  /** Restarts without progress between them; one more fails the job. */
  readonly attempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** After so long in `running`, or a complete checkpoint, an attempt counts as progress. */
  readonly stableMs: number;
};

export type WorkerSettings = {
  /** How long slots are waited for. */
  readonly waitMs: number;
  /** A worker that was silent for so long is lost. */
  readonly heartbeatMs: number;
  readonly deployMs: number;
  /** How long workers have for letting go of a job that has ended. */
  readonly releaseMs: number;
};

export type CoordinatorOptions = {
  /** In the store, and for messages. */
  readonly name: string;
  readonly job: JobSpec;
  /** Where it begins, and with which shares of key groups; as it comes where left out. */
  readonly first?: Pick<RescaleRequest, "placement" | "weights">;
  /** Throws EngineErrors for what the job's author can mend. */
  readonly plan: (job: JobSpec) => JobPlan;
  readonly start: StartFrom;
  /** What workers have to say to be let in. */
  readonly token: string;
  readonly runtime: RuntimeSettings;
  readonly checkpoints: CheckpointSettings;
  readonly restart: RestartSettings;
  readonly workers: WorkerSettings;
};

export const defaultCheckpoints: CheckpointSettings = {
  intervalMs: 10_000,
  timeoutMs: 600_000,
  minPauseMs: 0,
  tolerableFailures: 3,
  keep: 2,
  mode: "aligned",
};

export const defaultRestart: RestartSettings = {
  attempts: 10,
  initialBackoffMs: 100,
  maxBackoffMs: 10_000,
  stableMs: 30_000,
};

export const defaultWorkers: WorkerSettings = {
  waitMs: 60_000,
  heartbeatMs: 10_000,
  deployMs: 120_000,
  releaseMs: 10_000,
};
