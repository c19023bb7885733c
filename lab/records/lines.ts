/** The lines of a run's record as they stand in its files; docs/records.md describes each for those who read them. */
import type { EngineCheckpoint } from "#engine/engine.ts";
import type { HistogramJson } from "#engine/metrics/histogram.ts";

/** Rates in records per second. What was not measured is left out. */
export type SeatFigures = {
  readonly subtask: number;
  readonly node: string;
  readonly share: number;
  readonly in?: number;
  readonly out?: number;
  readonly bytesIn?: number;
  readonly busy?: number;
  readonly backpressured?: number;
  readonly idle?: number;
  readonly stateBytes?: number;
  readonly queuedBytes?: number;
};

export type SourceFigures = {
  readonly operator: string;
  readonly subtask: number;
  readonly node: string;
  readonly out?: number;
  readonly backpressured?: number;
  readonly lagMs?: number;
};

export type NodeUse = {
  readonly cpu?: number;
  readonly memoryBytes?: number;
  /** Nothing was heard of it for so long; then there are no figures. */
  readonly staleMs?: number;
};

export type MetricsLine = {
  readonly state: string;
  readonly attempt: number;
  readonly parallelism?: number;
  readonly asked?: number;
  readonly taken?: number;
  readonly lagMs?: number;
  readonly sourceBackpressured?: number;
  readonly seats: readonly SeatFigures[];
  readonly sources: readonly SourceFigures[];
  readonly nodes: Readonly<Record<string, NodeUse>>;
};

export type CheckpointLine = Omit<EngineCheckpoint, "triggeredAtMs"> & { readonly startedT: number };

export type EventLine = {
  readonly event:
    | "phase"
    | "load"
    | "rescale"
    | "checkpoint-failed"
    | "engine"
    | "network"
    | "node"
    | "warning"
    | "end";
  readonly text: string;
  readonly detail?: unknown;
};

export type LatencyLine = { readonly attempt: number; readonly latency: HistogramJson };
