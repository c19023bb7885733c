/**
 * What the autoscaler sees of a job, at one tick: plain data from whatever engine runs it. What was not measured, or is
 * too old to count, is left out; nothing unknown is ever zero.
 */
import type { NetworkTable } from "./network-view.ts";

/** One subtask of the operator that is scaled: where it runs, and its part of the key groups. */
export type Seat = {
  readonly node: string;
  /** Above 0; those of a configuration sum to 1. */
  readonly share: number;
};

/** In the order of subtasks. */
export type Configuration = { readonly seats: readonly Seat[] };

/** A node that may hold seats. */
export type NodeFacts = {
  readonly name: string;
  readonly device: string;
  /** How fast one core of it is, against one of the fastest node's: 0.11; left out where nobody knows. */
  readonly speed?: number;
  /** Seats that it may hold. */
  readonly slots: number;
};

/** What does not change while the job runs. */
export type JobFacts = {
  /** The id of the operator that is scaled. */
  readonly operator: string;
  /** Where the sources' subtasks run, one entry for each subtask. */
  readonly sources: readonly string[];
  /** How many source operators there are; each makes the rate that is asked for. */
  readonly inputs: number;
  /** Of the operator's windows; left out where it has none. */
  readonly windowMs?: number;
  /** Whether results for each record grow with the rate, as a join's do. */
  readonly joins: boolean;
  readonly checkpointEveryMs?: number;
  readonly checkpointMode: "aligned" | "unaligned";
  /** The node, if it is one, that checkpoints are sent to. */
  readonly store?: string;
  /** What a worker may hold in all its input channels together. */
  readonly bufferBytes?: number;
  /** How long records wait for more that go to the same worker. */
  readonly flushMs?: number;
};

/** Rates are over the last interval, between two readings of the engine's counters. */
export type SeatObservation = Seat & {
  readonly recordsInPerSecond?: number;
  readonly recordsOutPerSecond?: number;
  readonly bytesInPerSecond?: number;
  /** Of wall time; the three sum to 1. Busy is at work, and on a node held to a quota includes being held. */
  readonly busy?: number;
  readonly backpressured?: number;
  readonly idle?: number;
  readonly stateBytes?: number;
  readonly queuedBytes?: number;
};

export type CheckpointObservation = {
  readonly durationMs: number;
  readonly bytes: number;
  readonly alignmentMs?: number;
};

export type Observation = {
  /** Since the run's start. */
  readonly atMs: number;
  readonly configuration: Configuration;
  /** How long this configuration has been running without a restart. */
  readonly steadyMs: number;
  /** All sources together, in records per second: what is asked of the job now, and what it took. */
  readonly askedPerSecond?: number;
  readonly takenPerSecond?: number;
  /** The part of the time for which the sources were held up, the mean of their subtasks. */
  readonly sourceBackpressured?: number;
  /** How long the sources' next record has been due. */
  readonly lagMs?: number;
  readonly seats: readonly SeatObservation[];
  /** CPU of whole nodes, by name: part of what the node may use. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly checkpoint?: CheckpointObservation;
  readonly network: NetworkTable;
  /** Nodes that are known to be gone: they hold no seat that works, and get none. */
  readonly lost?: readonly string[];
  /** What is running could carry so much at most, when that was measured by the search for it. */
  readonly mst?: MeasuredMst;
};

export type MeasuredMst = { readonly mst: number; readonly low: number; readonly high: number };

/** All that a model is told beside observations. */
export type World = {
  readonly job: JobFacts;
  readonly nodes: readonly NodeFacts[];
};
