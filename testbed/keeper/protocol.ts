/** What the keeper of a lab answers to: the questions and orders that cross its socket, and what comes back. */
import type { PairRule } from "#testbed/network/conditions.ts";
import type { PairCounters } from "#testbed/network/wire/counters.ts";
import type { WireReport } from "#testbed/network/wire/statistics.ts";
import type { NodeState } from "#testbed/nodes/node.ts";
import type { Secret } from "#testbed/nodes/ssh/secrets.ts";
import type { Impairment } from "./impairments.ts";
import type { NodeAct } from "./node-life.ts";

export type NodeReport = {
  name: string;
  number: number;
  state: NodeState;
  /** Of the node's network namespace, as long as the keeper lives; absent while the node is absent or down. */
  namespacePath?: string;
  /** Of a node on another machine: what packets need to it or back at the least, which the fabric takes off its delays. */
  tunnelMs?: number;
};

export type Fabric = { kind: "wire" | "netem"; because: string };

export type KeeperStatus = {
  pid: number;
  fabric: Fabric;
  /** Why figures from this lab must not be trusted, so far. */
  late?: string;
  wire?: WireReport;
  nodes: NodeReport[];
  impairments: Impairment[];
  timeline: { startedAt?: string; done: number; planned: number; lateMsMax: number };
};

export type PairReport = { from: string; to: string } & PairCounters;

/** With `forMs` a crash or a pause ends by itself after that time, unless something else holds the node so. */
export type ActOrder = { node: string; action: NodeAct; forMs?: number };

/** `isolates` cuts that node from all others; `rules` may then be empty. */
export type ImposeOrder = { name?: string; rules: readonly PairRule[]; forMs?: number; isolates?: string };

export type LiftOrder = { name?: string; node?: string };

/** One line of events.jsonl. */
export type EventLine = { at: string; t: number; what: string; lateMs: number; failed?: string };

/** Method and path → what is sent and what comes back. */
export type Calls = {
  "GET /status": { send: undefined; back: KeeperStatus };
  "GET /pairs": { send: undefined; back: PairReport[] };
  "POST /create-node": { send: { node: string; number: number }; back: NodeReport };
  /** `left`: what a person should know of what could not be cleared away and where it is. */
  "POST /remove-node": { send: { node: string; number: number }; back: { left?: string } };
  /** The lab's hosts file has changed. */
  "POST /names": { send: undefined; back: object };
  "POST /act": { send: ActOrder; back: NodeReport };
  "POST /network": { send: undefined; back: { pairsChanged: number } };
  "POST /timeline": { send: undefined; back: { planned: number } };
  "POST /impose": { send: ImposeOrder; back: { name: string; pairsChanged: number } };
  "POST /lift": { send: LiftOrder; back: { lifted: string[] } };
  /** What was typed so that machines let us in; never written anywhere. */
  "GET /secrets": { send: undefined; back: readonly Secret[] };
  "POST /secrets": { send: readonly Secret[]; back: object };
  "POST /end": { send: undefined; back: object };
};
