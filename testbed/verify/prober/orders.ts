/**
 * What a prober is told on its standard input and answers on its standard output: JSON, one a line, an answer to each
 * order. Several probers, each on the machine of its endpoints, are told the same and start at one moment.
 */
import type { CoupleJob, Endpoint, TrainJob } from "./job.ts";

/** The first line of all, unasked. */
export type Hello = {
  /** Of the kernel: probers with the same one share a clock. */
  bootId: string;
  /** Since 1970: all moments that this prober tells are nanoseconds from here. */
  baseSecond: number;
  /** Whether the kernel lets it run before ordinary processes. */
  realTime: boolean;
};

/** Of UDP, by family. */
export type Ports = { four: number; six?: number };

/** An endpoint that this prober has to open. */
export type Place = {
  endpoint: number;
  /** File of its network namespace; left out where the prober itself runs on the node. */
  namespacePath?: string;
};

export type ProbeOrder = {
  seed: number;
  couples: readonly CoupleJob[];
  windowMs: number;
  /** How long after the last probe one may still be on its way. */
  patienceMs: number;
};

/** Of the flows in ascending order that leave, or come in, here: see `Moments`. In base64. */
export type ProbeLog = {
  sentNs: string;
  arrivedNs: string;
  /** By flow, counted where it comes in. */
  duplicates: readonly number[];
  corrupted: readonly number[];
  overtaken: readonly number[];
};

export type TransferOrder = { trains: readonly TrainJob[]; patienceMs: number };

/** What is known of a train at the one end of it, at the other, or at both. */
export type TrainLog = {
  train: number;
  sent?: { packets: number; offeredBitsPerSecond: number };
  received?: { packets: number; rateBitsPerSecond?: number };
};

/** By how much it began too late to begin at the agreed moment. */
export type Lateness = { lateMs: number };

export type Facts = {
  cpuMs: number;
  /** By how much the clock of the stamps was set while they were taken. */
  clockSteppedMs: number;
  drops: readonly { endpoint: number; packets: number }[];
  refusals: readonly string[];
};

export type ProberCalls = {
  /** See rehearsal.ts. */
  rehearse: { send: object; back: { turnsPerSecond: number } };
  open: { send: { endpoints: readonly Endpoint[]; here: readonly Place[] }; back: { ports: Ports[] } };
  /** Everybody's ports, by endpoint. */
  introduce: { send: { ports: readonly Ports[] }; back: object };
  clock: { send: object; back: { heardNs: number; saidNs: number } };
  prepareProbes: { send: ProbeOrder; back: object };
  probe: { send: { atNs: number }; back: ProbeLog & Lateness };
  prepareTransfers: { send: TransferOrder; back: object };
  transfer: { send: { atNs: number }; back: { trains: TrainLog[] } & Lateness };
  facts: { send: object; back: Facts };
};

export type ProberCall = keyof ProberCalls;

export type Order = { [Call in ProberCall]: { do: Call } & ProberCalls[Call]["send"] }[ProberCall];
