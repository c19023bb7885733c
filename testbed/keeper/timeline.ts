/** A topology's events → what happens at which moment. Pure; the keeper only waits for the moments. */
import type { PairRule } from "#testbed/network/conditions.ts";
import type { NodeAction, TimelineEvent } from "#testbed/topology/topology.ts";

/** What a moment does. An impairment has a name, so that its end takes away itself and nothing else. */
export type Deed =
  | { do: "impose"; name: string; rules: readonly PairRule[]; isolates?: string }
  | { do: "lift"; name: string }
  /** Ends every isolation of the node, whoever began it. */
  | { do: "heal"; node: string }
  | { do: "node"; node: string; action: "crash" | "start" | "pause" | "resume" };

export type Moment = { atMs: number; deed: Deed };

type NodeEvent = Extract<TimelineEvent, { do: NodeAction }>;

/** Everything in time order; what falls on one instant keeps the order of the file, ends before beginnings. */
export function moments(events: readonly TimelineEvent[], allNodes: readonly string[]): Moment[] {
  const found = events.flatMap((event, index) => {
    if ("pairs" in event) return lasting(event.atMs, event.forMs, { name: `event ${index + 1}`, rules: [event.pairs] });
    return event.nodes.flatMap((node, position) => nodeMoments(event, node, position, `event ${index + 1}`, allNodes));
  });
  const isEnd = ({ deed }: Moment) => (deed.do === "impose" ? 1 : 0);
  return found
    .map((moment, order) => ({ moment, order }))
    .sort((a, b) => a.moment.atMs - b.moment.atMs || isEnd(a.moment) - isEnd(b.moment) || a.order - b.order)
    .map(({ moment }) => moment);
}

type Imposed = { name: string; rules: readonly PairRule[]; isolates?: string };

function lasting(atMs: number, forMs: number | undefined, imposed: Imposed): Moment[] {
  const start: Moment = { atMs, deed: { do: "impose", ...imposed } };
  return forMs === undefined ? [start] : [start, { atMs: atMs + forMs, deed: { do: "lift", name: imposed.name } }];
}

/** Both directions between the node and everyone else. */
export function isolation(node: string, allNodes: readonly string[]): PairRule[] {
  const others = allNodes.filter((other) => other !== node);
  return [
    { from: [node], to: others, change: { cut: true } },
    { from: others, to: [node], change: { cut: true } },
  ];
}

function nodeMoments(event: NodeEvent, node: string, position: number, name: string, allNodes: readonly string[]): Moment[] {
  const { atMs, forMs } = event;
  const act = (at: number, action: "crash" | "start" | "pause" | "resume"): Moment => ({
    atMs: at,
    deed: { do: "node", node, action },
  });
  const isolate = (name: string): Imposed => ({ name, rules: isolation(node, allNodes), isolates: node });
  const afterwards = (action: "start" | "resume") => (forMs === undefined ? [] : [act(atMs + forMs, action)]);
  switch (event.do) {
    case "crash":
      return [act(atMs, "crash"), ...afterwards("start")];
    case "restart":
      return [act(atMs, "crash"), act(atMs, "start")];
    case "pause":
      return [act(atMs, "pause"), ...afterwards("resume")];
    case "resume":
      return [act(atMs, "resume")];
    case "partition":
      return lasting(atMs, forMs, isolate(`${name}: partition of ${node}`));
    case "heal":
      return [{ atMs, deed: { do: "heal", node } }];
    case "flap":
      return flaps(event).flatMap((cut, round) =>
        lasting(cut.atMs, cut.forMs, isolate(`${name}: flap ${round + 1} of ${node}`)),
      );
    case "churn":
      return churns(event, position).flatMap((at) => [act(at, "crash"), act(at + everyMs(event) / 2, "start")]);
    default:
      throw new Error(`unknown action ${event.do satisfies never}`);
  }
}

const defaultEveryMs = 10_000;
const defaultRounds = 3;

function everyMs(event: NodeEvent): number {
  return event.everyMs ?? defaultEveryMs;
}

/** Down for the first half of each period. */
function flaps(event: NodeEvent): { atMs: number; forMs: number }[] {
  const every = everyMs(event);
  const rounds = event.forMs === undefined ? defaultRounds : Math.ceil(event.forMs / every);
  return Array.from({ length: rounds }, (_, round) => ({ atMs: event.atMs + round * every, forMs: every / 2 }));
}

/** The event's nodes take turns, so that one is away at a time. */
function churns(event: NodeEvent, position: number): number[] {
  const every = everyMs(event);
  const rounds = event.forMs === undefined ? event.nodes.length : Math.floor(event.forMs / every);
  return Array.from({ length: rounds }, (_, round) => round)
    .filter((round) => round % event.nodes.length === position)
    .map((round) => event.atMs + round * every);
}
