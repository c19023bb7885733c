/** What the prober is told to do and what it answers: one JSON document each way. */
import type { Family } from "../probe-size.ts";
import type { Summary } from "../samples.ts";
import type { Train } from "../trains.ts";

export type Endpoint = {
  /** The network namespace to open sockets in; it must stay there until they are open. */
  namespacePath: string;
  v4: readonly number[];
  /** Sixteen bytes; absent where no IPv6 probe will use it. */
  v6?: readonly number[];
};

/** Probes in both directions between two endpoints, sent back to back. */
export type CoupleJob = { a: number; b: number; family: Family; count: number };

export type TrainJob = Train & { from: number; to: number; startMs: number };

export type ProbeJob = {
  seed: number;
  endpoints: readonly Endpoint[];
  couples: readonly CoupleJob[];
  windowMs: number;
  /** How long after the last probe one may still be on its way. */
  patienceMs: number;
  trains: readonly TrainJob[];
  /** How much time there is to repeat transfers that came out wrong. */
  repeatsMs: number;
};

export type FlowResult = {
  /** Handed to the kernel. */
  sent: number;
  /** Different probes that came whole. */
  arrived: number;
  duplicates: number;
  corrupted: number;
  /** Came after one that was sent later. */
  overtaken: number;
  /** From just before the send to the kernel's stamp on arrival. */
  oneWayMs?: Summary;
};

export type CoupleResult = {
  forward: FlowResult;
  back: FlowResult;
  /** One-way delay there and the one back of probes sent together. */
  roundTripMs?: Summary;
};

export type TrainResult = {
  sent: number;
  arrived: number;
  /** At which it was really sent. */
  offeredBitsPerSecond: number;
  /** Absent when too few packets came to say. The median where it was repeated. */
  rateBitsPerSecond?: number;
  attempts: number;
};

export type ProbeAnswer = {
  couples: CoupleResult[];
  trains: TrainResult[];
  /** Whether the kernel let the prober run before ordinary processes. */
  realTime: boolean;
  cpuMs: number;
  /** By how much the clock of the stamps was set while they were taken. */
  clockSteppedMs: number;
  /** Packets that came but found the prober's socket full or its checksum wrong, by endpoint. */
  socketDrops: number[];
  /** Names of the kernel's reasons for sends that it refused. */
  refusals: string[];
};
