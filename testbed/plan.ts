/** Wanted topology and recorded state → steps, each with its reason. Pure: a dry run prints exactly what a run does. */
import type { Owned, OwnedNode } from "./journal.ts";
import { limitName, type Step } from "./steps.ts";
import type { NodeSpec, Topology } from "./topology/topology.ts";
import { UserError } from "./user-error.ts";

export type Wanted = {
  topology: Topology;
  /** The topology in force now, if the lab has one. */
  before?: Topology;
  /** False when the keeper that the journal names is dead: everything that it held went with it. */
  keeperAlive: boolean;
  /** Nodes that the lab's address range has numbers for. */
  capacity: number;
};

/** When the last node whose link needs a smaller MTU leaves, the others go on with the one that they have. */
export function keepingMtu(topology: Topology, before: Topology | undefined): Topology {
  if (!before || !topology.mtuIsDefault || before.mtuBytes >= topology.mtuBytes) return topology;
  return { ...topology, mtuBytes: before.mtuBytes };
}

export function plan({ topology, before, keeperAlive, capacity }: Wanted, owned: Owned): Step[] {
  if (before) refuseFixed(before, topology, keeperAlive);
  const wanted = new Map(
    topology.nodes.filter((node) => node.role !== "switch").map((node) => [node.name, node]),
  );
  const leaving = [...owned.nodes].filter(([node, was]) => whyLeaving(was, wanted.get(node)) !== undefined);
  const isStaying = (node: string) => owned.nodes.has(node) && !leaving.some(([name]) => name === node);
  const missing = [...wanted.keys()].filter(
    (node) => !(keeperAlive && isStaying(node) && owned.nodes.get(node)?.made),
  );
  const nodesMove = leaving.length + missing.length > 0;
  const running = keeperAlive ? before : undefined;
  const network = whyNetwork(topology, running, owned, nodesMove);
  const timeline = whyTimeline(topology, running, owned);
  const steps: Step[] = [];
  if (!before || changed(before, topology, everyPart)) {
    const because = before ? "the topology changed" : "the lab is new";
    steps.push({
      do: "adopt-topology",
      network: network !== undefined,
      timeline: timeline !== undefined,
      because,
    });
  }
  if (!keeperAlive) {
    steps.push({ do: "start-keeper", because: whyKeeper(owned) });
  }
  for (const [node, was] of leaving) {
    const because = whyLeaving(was, wanted.get(node))!;
    steps.push({ do: "remove-node", node, number: was.number, because });
  }
  for (const [node, { device }] of owned.limits) {
    const now = wanted.get(node);
    if (now === undefined || !isLimitedHere(now)) {
      steps.push({ do: "unlimit-node", node, because: `was ${device}` });
    }
  }
  for (const [node, spec] of wanted) {
    const { device, cores = 1 } = spec;
    const was = owned.limits.get(node);
    if (!isLimitedHere(spec)) continue;
    const because = whyLimit(was, { device, cores }, isStaying(node));
    if (because !== undefined) steps.push({ do: "limit-node", node, device, cores, because });
  }
  let nextNumber = owned.nextNumber;
  for (const node of missing) {
    const known = isStaying(node) ? owned.nodes.get(node) : undefined;
    const because = known ? (known.made ? "its lab had stopped" : "was left half made") : "not there yet";
    const number = known?.number ?? nextNumber++;
    const spec = wanted.get(node)!;
    steps.push({ do: "create-node", node, number, ...(spec.kind !== "netns" && { spec }), because });
  }
  if (nextNumber > capacity) throw full(topology.name, capacity);
  if (nodesMove || !owned.hostsWritten) {
    steps.push({ do: "write-hosts", because: nodesMove ? "the set of nodes changed" : "not written yet" });
  }
  if (network !== undefined) steps.push({ do: "set-network", because: network });
  if (timeline !== undefined) steps.push({ do: "set-timeline", because: timeline });
  return steps;
}

/** Undefined: it stays. What is made from other things now is another node, with a number of its own. */
function whyLeaving({ spec: was }: OwnedNode, now: NodeSpec | undefined): string | undefined {
  if (!now) return "no longer in the topology";
  const before = was?.kind ?? "netns";
  if (before !== now.kind) return `was of kind ${before}`;
  if (was && madeFrom(was) !== madeFrom(now)) return "its settings changed";
  return undefined;
}

/** All that its body is made by, in one word. */
function madeFrom(spec: NodeSpec): string {
  const { settings, device, cores } = spec;
  return JSON.stringify(isOfThisMachine(spec) ? settings : { settings, device, cores });
}

/** Others are held to their device by their own machine. */
const isOfThisMachine = ({ kind, settings }: NodeSpec) =>
  kind === "netns" || (kind === "docker" && settings.host === undefined);

const isLimitedHere = (spec: NodeSpec) => isOfThisMachine(spec) && spec.device !== "none";

type Limit = { device: string; cores: number };

/** Undefined: it has it. Another body may have another processor, of which the device takes another share. */
function whyLimit(
  was: (Limit & { made: boolean }) | undefined,
  now: Limit,
  isStaying: boolean,
): string | undefined {
  if (!was) return "its device class";
  if (!was.made) return "was left half made";
  if (limitName(was) !== limitName(now)) return `was ${limitName(was)}`;
  return isStaying ? undefined : "the node is made anew";
}

function whyKeeper({ keeper, keeperReady }: Owned): string {
  if (!keeper) return "the lab is new";
  return keeperReady ? "its process is gone" : "its start was cut short";
}

/** `running` is the topology that a living keeper has; undefined when nothing is in force. */
function whyNetwork(
  topology: Topology,
  running: Topology | undefined,
  owned: Owned,
  nodesMove: boolean,
): string | undefined {
  if (!running || !owned.networkSet) return "not in force yet";
  if (nodesMove) return "the set of nodes changed";
  return changed(running, topology, ["access", "matrix", "links", "pairs", "nodes"])
    ? "the conditions changed"
    : undefined;
}

function whyTimeline(topology: Topology, running: Topology | undefined, owned: Owned): string | undefined {
  if (!running || !owned.timelineSet) return "not running yet";
  return changed(running, topology, ["events"]) ? "the events changed" : undefined;
}

/** What is built into the running fabric and every interface. */
const fixed = { subnet: "subnet", mtuBytes: "mtu", seed: "seed", fabric: "fabric" } as const;

/** The subnet belongs to the lab itself; the others to its keeper, and a new keeper takes them from the file. */
function refuseFixed(before: Topology, after: Topology, keeperAlive: boolean): void {
  const parts = keeperAlive ? (["subnet", "mtuBytes", "seed", "fabric"] as const) : (["subnet"] as const);
  const part = parts.find((each) => before[each] !== after[each]);
  if (part === undefined) return;
  const [was, is] = [before[part] ?? "chosen by brume", after[part] ?? "chosen by brume"];
  throw new UserError(
    "lab-fixed",
    `${fixed[part]}: ${after.name} has ${was}, the file now says ${is}, and a lab keeps what it began with`,
    `./brume destroy ${after.name}, then provision it again`,
    2,
  );
}

/** A number is an address, and peers may still remember whose it was: it is never given to another node. */
function full(lab: string, capacity: number): UserError {
  const what = `${lab}: its address range has room for ${capacity} nodes, the ones that it had before included`;
  return new UserError(
    "lab-full",
    what,
    `./brume destroy ${lab}, then provision it again, or give it a larger subnet`,
  );
}

const everyPart = [
  "nodes",
  "access",
  "matrix",
  "links",
  "pairs",
  "events",
  "mtuBytes",
  "seed",
  "fabric",
  "subnet",
] as const;

function changed(before: Topology, after: Topology, parts: readonly (keyof Topology)[]): boolean {
  return parts.some((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));
}
