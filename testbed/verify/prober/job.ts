/** What there is to measure and what comes of it, for all probers of a measurement together. */
import type { Family } from "../probe-size.ts";
import type { Summary } from "../samples.ts";
import type { Train } from "../trains.ts";

export type Endpoint = {
  v4: readonly number[];
  /** Sixteen bytes; absent where no IPv6 probe will use it. */
  v6?: readonly number[];
};

/** Probes in both directions between two endpoints, sent at the same moments. */
export type CoupleJob = { a: number; b: number; family: Family; count: number };

export type TrainJob = Train & { from: number; to: number; startMs: number };

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
  /** By how much that may be wrong because sender and receiver have clocks of their own; absent where they share one. */
  clockUncertaintyMs?: number;
};

export type CoupleResult = {
  forward: FlowResult;
  back: FlowResult;
  /** One-way delay there and the one back of probes sent together: whatever two clocks disagree by cancels out. */
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
  /** Packets that came but found the prober's socket full or its checksum wrong, by endpoint. */
  socketDrops: number[];
  /** Names of the kernel's reasons for sends that it refused. */
  refusals: string[];
  /** What a reader should know of how it was measured. */
  remarks: string[];
};
