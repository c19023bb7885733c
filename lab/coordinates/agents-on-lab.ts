/**
 * Coordinate agents on every node of a lab, and what they believe. The nodes that are network namespaces of this machine
 * share one process, so that hundreds cost no more than some memory.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Beliefs, type PairFigures } from "#autoscaler/coordinates/agent-beliefs.ts";
import type { Move } from "#autoscaler/coordinates/agent-moved.ts";
import type { Advert } from "#autoscaler/coordinates/algorithm.ts";
import type { NetworkTable } from "#autoscaler/network-view.ts";
import { addressesOf } from "#testbed/hosts-file.ts";
import type { KeeperStatus } from "#testbed/keeper/protocol.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { KeptProcess } from "../kept-process.ts";
import { AgentsProcess } from "./agents-process.ts";
import { agentPort, type Cost, type Line, type Nodes, type Report } from "./agents-protocol.ts";
import { algorithmNamed } from "./algorithm-named.ts";

export type AgentsOptions = {
  /** As in the registry of algorithms. */
  readonly algorithm: string;
  readonly seed: number;
  /** Between two reports. */
  readonly everyMs: number;
  /** What a person should know: a node without an agent and why, a process that had to be started again. */
  log(line: string): void;
};

/** What is new since the last one, in the shape of the lines of network.jsonl. */
export type NetworkReport = {
  readonly nodes: Readonly<Record<string, Advert>>;
  /** Those that were measured, with what had been estimated. */
  readonly pairs: readonly PairFigures[];
  readonly moves: readonly (Move & { readonly node: string })[];
  readonly cost: Cost;
};

export type AgentsOnLab = {
  /** What to decide by: measured where a measurement is fresh, else estimated. Rates are for the caller to add. */
  table(): NetworkTable;
  /** Estimates alone, to be judged. */
  estimated(): NetworkTable;
  onReport(heard: (report: NetworkReport) => void): void;
  end(): Promise<void>;
};

const lookEveryMs = 1_000;

export async function startAgentsOnLab(lab: Lab, options: AgentsOptions): Promise<AgentsOnLab> {
  const { algorithm: name, seed, everyMs, log } = options;
  const beliefs = new Beliefs(algorithmNamed(name));
  const listeners: ((report: NetworkReport) => void)[] = [];
  const status = await lab.keeper.ask("GET /status");
  const said = new Set<string>();
  const once = (line: string) => {
    if (!said.has(line)) log(line);
    said.add(line);
  };
  let nodes = nodesOf(lab, status, once);
  const secret = randomBytes(16).toString("hex");
  const agents = new AgentsProcess({ rootless: lab.identity.rootless, keeperPid: status.pid }, () => [
    { do: "begin", algorithm: name, seed, secret, everyMs },
    nodes,
  ]);
  const hear = (line: Line) => {
    if (line.is === "trouble")
      return log(`the coordinate agent of ${line.node} could not start at ${line.why}`);
    const report = believe(beliefs, line, performance.now());
    for (const listener of listeners) listener(report);
  };
  const kept = new KeptProcess({
    what: "the coordinate agents",
    node: { name: "this machine", spawn: () => agents.spawn() },
    command: async () => [],
    environment: {},
    onLine: (line) => hear(JSON.parse(line) as Line),
    onErrorLine: (line) => log(`the coordinate agents: ${line}`),
    log,
    isOver: () => false,
    onFailure: (error) => log(`the coordinate agents cannot be kept running: ${error}`),
  });
  const ending = new AbortController();
  const watching = watch(lab, ending.signal, once, (now) => {
    const gone = nodes.here.filter((each) => !now.here.some((other) => other.name === each.name));
    for (const each of gone) beliefs.forget(each.name);
    if (JSON.stringify(now) === JSON.stringify(nodes)) return;
    nodes = now;
    agents.tell(nodes);
  });
  const table = (which: "best" | "estimated") => () =>
    beliefs.table(
      nodes.all.map((each) => each.name),
      performance.now(),
      which,
    );
  return {
    table: table("best"),
    estimated: table("estimated"),
    onReport: (heard) => void listeners.push(heard),
    async end() {
      ending.abort();
      await Promise.all([watching, kept.end()]);
    },
  };
}

/** Nodes that are down are no contacts: whoever comes back is named again. */
function nodesOf(lab: Lab, { nodes }: KeeperStatus, log: (line: string) => void): Nodes {
  const subnet = { ...lab.identity.subnet, prefix6: subnet6(lab.identity.id) };
  const living = nodes.flatMap(({ name, number, state, namespacePath }) => {
    if (state === "down" || state === "absent") return [];
    if (namespacePath === undefined) {
      log(`${name} has no network namespace on this machine: its coordinate agent is left out`);
      return [];
    }
    const address = `${addressesOf(subnet, nodeNumber(number)).v4}:${agentPort}`;
    return [{ name, address, namespacePath, paused: state === "paused" }];
  });
  return { do: "nodes", here: living, all: living.map(({ name, address }) => ({ name, address })) };
}

async function watch(
  lab: Lab,
  signal: AbortSignal,
  log: (line: string) => void,
  seen: (nodes: Nodes) => void,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      seen(nodesOf(lab, await lab.keeper.ask("GET /status"), log));
    } catch (error) {
      log(`the coordinate agents go on as they are: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** The process's moments on our clock. */
function believe(beliefs: Beliefs, { atMs, nodes, cost }: Report, nowMs: number): NetworkReport {
  const entries = Object.entries(nodes);
  // Estimates of before, so that they are not judged by what they were made from.
  const pairs = entries.flatMap(([name, { measured }]) =>
    measured.map(({ peer, rttMs, lowMs, highMs, samples }) => {
      const { estimated } = beliefs.figures(name, peer, nowMs);
      return {
        from: name,
        to: peer,
        ...(estimated && { estimated }),
        measured: { rttMs, lowMs, highMs, samples },
      };
    }),
  );
  for (const [name, report] of entries) {
    const measured = report.measured.map((each) => ({ ...each, atMs: nowMs - (atMs - each.atMs) }));
    beliefs.heard(name, { advert: report.advert, measured }, nowMs);
  }
  return {
    nodes: Object.fromEntries(entries.map(([name, { advert }]) => [name, advert])),
    pairs,
    moves: entries.flatMap(([node, { moves }]) => moves.map((move) => ({ ...move, node }))),
    cost,
  };
}
