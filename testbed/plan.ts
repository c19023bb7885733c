/** Wanted topology and recorded state → steps, each with its reason. Pure: a dry run prints exactly what a run does. */
import type { Owned } from "./journal.ts";
import type { Step } from "./steps.ts";
import type { Topology } from "./topology/topology.ts";

export type Wanted = {
  topology: Topology;
  /** The topology in force now, if the lab has one. */
  before?: Topology;
  /** False when the keeper that the journal names is dead: everything that it held went with it. */
  keeperAlive: boolean;
};

export function plan({ topology, before, keeperAlive }: Wanted, owned: Owned): Step[] {
  const wanted = new Map(topology.nodes.filter((node) => node.role !== "switch").map((node) => [node.name, node]));
  const leaving = [...owned.nodes].filter(([node]) => !wanted.has(node));
  const missing = [...wanted.keys()].filter((node) => !(keeperAlive && owned.nodes.get(node)?.made));
  const network = whyNetwork({ topology, ...(before && { before }), keeperAlive }, owned, leaving.length + missing.length > 0);
  const timeline = whyTimeline({ topology, ...(before && { before }), keeperAlive }, owned);
  const steps: Step[] = [];
  if (!before || changed(before, topology, everyPart)) {
    const because = before ? "the topology changed" : "the lab is new";
    steps.push({ do: "adopt-topology", network: network !== undefined, timeline: timeline !== undefined, because });
  }
  if (!keeperAlive) {
    steps.push({ do: "start-keeper", because: owned.keeper ? "its process is gone" : "the lab is new" });
  }
  for (const [node, { number }] of leaving) {
    steps.push({ do: "remove-node", node, number, because: "no longer in the topology" });
  }
  for (const [node, device] of owned.limits) {
    if ((wanted.get(node)?.device ?? "none") === "none") {
      steps.push({ do: "unlimit-node", node, because: `was ${device}` });
    }
  }
  for (const [node, { device }] of wanted) {
    const was = owned.limits.get(node);
    if (device === "none" || was === device) continue;
    steps.push({ do: "limit-node", node, device, because: was ? `was ${was}` : "its device class" });
  }
  let nextNumber = owned.nextNumber;
  for (const node of missing) {
    const known = owned.nodes.get(node);
    const because = known ? (known.made ? "its lab had stopped" : "was left half made") : "not there yet";
    steps.push({ do: "create-node", node, number: known?.number ?? nextNumber++, because });
  }
  if (leaving.length + missing.length > 0) steps.push({ do: "write-hosts", because: "the set of nodes changed" });
  if (network !== undefined) steps.push({ do: "set-network", because: network });
  if (timeline !== undefined) steps.push({ do: "set-timeline", because: timeline });
  return steps;
}

function whyNetwork({ topology, before, keeperAlive }: Wanted, owned: Owned, nodesMoved: boolean): string | undefined {
  if (!keeperAlive || !before || !owned.networkSet) return "not in force yet";
  if (nodesMoved) return "the set of nodes changed";
  return changed(before, topology, ["access", "matrix", "links", "pairs", "nodes"]) ? "the conditions changed" : undefined;
}

function whyTimeline({ topology, before, keeperAlive }: Wanted, owned: Owned): string | undefined {
  if (!keeperAlive || !before || !owned.timelineSet) return "not running yet";
  return changed(before, topology, ["events"]) ? "the events changed" : undefined;
}

const everyPart = ["nodes", "access", "matrix", "links", "pairs", "events", "mtuBytes", "seed", "fabric", "subnet"] as const;

function changed(before: Topology, after: Topology, parts: readonly (keyof Topology)[]): boolean {
  return parts.some((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));
}
