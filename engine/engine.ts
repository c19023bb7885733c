/**
 * What every engine can do for those who run jobs on it: start (each engine's own function, whose result this is), tell
 * metrics, change its load, savepoint, rescale, stop. Plain data only: nobody outside asks which engine it is.
 */
import type { HistogramJson } from "./metrics/histogram.ts";

/** Counters are since the start of the attempt; they begin anew when `attempt` changes. */
export type EngineSubtask = {
  /** Ids of the operators that run in it, first to last. */
  readonly operators: readonly string[];
  readonly subtask: number;
  /** The worker's name, which is its node's (a second one on it is called `node.2`). */
  readonly worker: string;
  readonly isSource: boolean;
  /** When its worker told these figures, in ms since the epoch. */
  readonly atMs: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn?: number;
  readonly bytesOut: number;
  readonly busyMs: number;
  readonly backpressuredMs: number;
  readonly idleMs: number;
  readonly stateBytes: number;
  readonly queuedBytes: number;
  /** Of a source: how long its next record has been due. */
  readonly lagMs?: number;
  /** Of a sink that measures it; since the start of the attempt. */
  readonly latency?: HistogramJson;
};

export type EngineCheckpoint = {
  readonly checkpoint: number;
  readonly kind: "checkpoint" | "savepoint" | "stop" | "final";
  readonly outcome: "completed" | "failed";
  readonly because?: string;
  /** In ms since the epoch. */
  readonly triggeredAtMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly alignmentMs?: number;
};

export type EngineMetrics = {
  readonly atMs: number;
  /** `running` is the one in which records flow. */
  readonly state: string;
  readonly attempt: number;
  readonly restarts: number;
  /** Of those that have told figures in this attempt. */
  readonly subtasks: readonly EngineSubtask[];
  /** By operator id: the parallelism, the worker of each subtask, and each one's part of the key groups. */
  readonly placement: Readonly<
    Record<string, { readonly workers: readonly string[]; readonly shares: readonly number[] }>
  >;
  /** The last ones, oldest first. */
  readonly checkpoints: readonly EngineCheckpoint[];
};

/** Rates are of each source operator, all its subtasks together. The last step lasts for ever. */
export type EngineLoad = {
  readonly steps: readonly { readonly ratePerSecond: number; readonly forMs: number }[];
  /** What is overdue is forgotten: a search for the highest rate need not wait for a backlog. */
  readonly fresh: boolean;
};

export type EngineRescale = {
  readonly operator: string;
  /** A worker for each subtask. */
  readonly workers: readonly string[];
  /** Each subtask's part of the key groups. */
  readonly shares: readonly number[];
};

export type EngineRescaled = {
  readonly outcome: "done" | "returned" | "failed";
  readonly because?: string;
  readonly savepointMs: number;
  readonly standStillMs: number;
};

export interface Engine {
  readonly name: string;
  metrics(): Promise<EngineMetrics>;
  load(load: EngineLoad): Promise<void>;
  rescale(wanted: EngineRescale): Promise<EngineRescaled>;
  /** Its name in the store. */
  savepoint(): Promise<string>;
  /** Takes a savepoint and ends the job; leaves no process. */
  stop(): Promise<string>;
  /** Ends at once, with nothing left running. */
  end(): Promise<void>;
  /** Resolved when the job is over by itself, rejected when it failed. */
  readonly over: Promise<void>;
}
