/**
 * A topology as the rest of brume knows it: parsed, expanded, checked. Everything in it is explicit (no
 * patterns, no units, no defaults left to apply) and it survives JSON, since a lab keeps it as its record.
 */
import type { ConditionChange, PairRule, Queue } from "#testbed/network/conditions.ts";

export const nodeKinds = ["netns", "docker", "ssh", "qemu"] as const;
export type NodeKind = (typeof nodeKinds)[number];

export type NodeSpec = {
  name: string;
  kind: NodeKind;
  /** Free word by which jobs and tools choose nodes; "switch" nodes exist only as points of `links`. */
  role: string;
  /** Name of a device class, "none" for no limit. */
  device: string;
  /** How many of the device's cores it may use together; 1 when absent, so that no thread outruns the device. */
  cores?: number;
  /** For graphs and generators: where the node is drawn or placed. */
  tier?: string;
  position?: { latitude: number; longitude: number };
  /** Settings of the kind itself (host and key for ssh, image for docker, ...), checked by that kind. */
  settings: Readonly<Record<string, string | number | boolean>>;
};

export type Access = { node: string; upBitsPerSecond?: number; downBitsPerSecond?: number; queue?: Queue };

/** Base delays by measurement: `oneWayMs[i][j]` from nodes[i] to nodes[j]; null where the matrix has no value. */
export type DelayMatrix = { nodes: readonly string[]; oneWayMs: readonly (readonly (number | null)[])[] };

/** A link of a multi-hop graph, both directions alike. Endpoints may be nodes or switches. */
export type LinkSpec = { endpoints: readonly [string, string]; change: ConditionChange };

export const nodeActions = [
  "crash",
  "restart",
  "pause",
  "resume",
  "partition",
  "heal",
  "flap",
  "churn",
] as const;
export type NodeAction = (typeof nodeActions)[number];

/** The period of `flap` and `churn` that say none. */
export const defaultEveryMs = 10_000;

/**
 * One entry of the timeline. Conditions last `forMs` (to the lab's end when absent). `flap` cuts and heals
 * every `everyMs`; `churn` crashes and restarts nodes of the set one at a time, every `everyMs`, until `forMs`.
 */
export type TimelineEvent =
  | { atMs: number; pairs: PairRule; forMs?: number }
  | { atMs: number; nodes: readonly string[]; do: NodeAction; forMs?: number; everyMs?: number };

export type Topology = {
  name: string;
  fabric: "auto" | "wire" | "netem";
  /** MTU of every node's interface. */
  mtuBytes: number;
  /** The file leaves it to brume, so that a running lab may keep a smaller one. */
  mtuIsDefault?: true;
  /** Seeds every random choice of the fabric. */
  seed: number;
  /** IPv4 range for the lab's nodes, such as 10.90.0.0/16; chosen by brume when absent. */
  subnet?: string;
  nodes: readonly NodeSpec[];
  access: readonly Access[];
  matrix?: DelayMatrix;
  links: readonly LinkSpec[];
  pairs: readonly PairRule[];
  events: readonly TimelineEvent[];
};
