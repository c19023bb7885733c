/** A topology's events → what happens at which moment. Pure; the keeper only waits for the moments. */
import type { PairRule } from "#testbed/network/conditions.ts";
import { defaultEveryMs, type NodeAction, type TimelineEvent } from "#testbed/topology/topology.ts";
import type { NodeAct, NodeDeed } from "./node-life.ts";

/** What a moment does. An impairment has a name, so that its end takes away itself and nothing else. */
export type NetworkDeed =
  | { do: "impose"; name: string; rules: readonly PairRule[]; isolates?: string }
  | { do: "lift"; name: string }
  /** Ends every isolation of the node, whoever began it. */
  | { do: "heal"; node: string };
export type Deed = NetworkDeed | NodeDeed;

export type Moment = { atMs: number; deed: Deed };

type NodeEvent = Extract<TimelineEvent, { do: NodeAction }>;

/** `ends`: it ends what an earlier moment of the same event began. */
type Drawn = Moment & { ends: boolean };

/** Everything in time order; what falls on one instant keeps the order of the file, ends before beginnings. */
export function moments(events: readonly TimelineEvent[]): Moment[] {
  const drawn = events.flatMap((event, index): Drawn[] => {
    const name = eventName(index);
    if ("pairs" in event) return imposed(event.atMs, event.forMs, { name, rules: [event.pairs] });
    return event.nodes.flatMap((node, position) => nodeMoments(event, node, position, name));
  });
  return drawn
    .sort((a, b) => a.atMs - b.atMs || Number(b.ends) - Number(a.ends)) // Stable, so the file decides the rest.
    .map(({ atMs, deed }) => ({ atMs, deed }));
}

function eventName(index: number): string {
  return `event ${index + 1}`;
}

/** Names of this form are the timeline's own; nothing done by hand may have one. */
export function isOfTimeline(name: string): boolean {
  return /^event \d+(?:$|:)/.test(name);
}

function lasting(atMs: number, forMs: number | undefined, begin: Deed, end: Deed): Drawn[] {
  const start: Drawn = { atMs, deed: begin, ends: false };
  if (forMs === undefined) return [start];
  // Ends go first on one instant, so what lasts no time at all would never end.
  return forMs > 0 ? [start, { atMs: atMs + forMs, deed: end, ends: true }] : [];
}

type Imposed = { name: string; rules: readonly PairRule[]; isolates?: string };

function imposed(atMs: number, forMs: number | undefined, what: Imposed): Drawn[] {
  return lasting(atMs, forMs, { do: "impose", ...what }, { do: "lift", name: what.name });
}

function nodeMoments(event: NodeEvent, node: string, position: number, name: string): Drawn[] {
  const { atMs, forMs } = event;
  const act = (action: NodeAct, hold?: string): NodeDeed => ({
    do: "node",
    node,
    action,
    ...(hold !== undefined && { hold }),
  });
  const once = (deed: Deed): Drawn => ({ atMs, deed, ends: false });
  const isolate = (name: string): Imposed => ({ name, rules: [], isolates: node });
  switch (event.do) {
    case "crash":
      return lasting(atMs, forMs, act("crash", name), act("start", name));
    case "restart":
      return [once(act("crash", name)), once(act("start"))];
    case "pause":
      return lasting(atMs, forMs, act("pause", name), act("resume", name));
    case "resume":
      return [once(act("resume"))];
    case "partition":
      return imposed(atMs, forMs, isolate(`${name}: partition of ${node}`));
    case "heal":
      return [once({ do: "heal", node })];
    case "flap":
      return halves(event, defaultFlaps).flatMap((down, round) =>
        imposed(down.atMs, down.forMs, isolate(`${name}: flap ${round + 1} of ${node}`)),
      );
    case "churn":
      // The event's nodes take turns, so that one is away at a time.
      return halves(event, event.nodes.length).flatMap((away, round) => {
        if (round % event.nodes.length !== position) return [];
        const hold = `${name}: round ${round + 1}`;
        return lasting(away.atMs, away.forMs, act("crash", hold), act("start", hold));
      });
    default:
      throw new Error(`unknown action ${event.do satisfies never}`);
  }
}

const defaultFlaps = 3;

/** The first half of each period; none lasts longer than the event does. */
function halves(
  { atMs, forMs, everyMs = defaultEveryMs }: NodeEvent,
  rounds: number,
): { atMs: number; forMs: number }[] {
  const lastsMs = forMs ?? rounds * everyMs;
  return Array.from({ length: Math.ceil(lastsMs / everyMs) }, (_, round) => {
    const sinceMs = round * everyMs;
    return { atMs: atMs + sinceMs, forMs: Math.min(everyMs / 2, lastsMs - sinceMs) };
  });
}
