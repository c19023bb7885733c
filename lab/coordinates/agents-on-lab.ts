/**
 * Coordinate agents on every node of a lab, and what they believe. The nodes that are network namespaces of this machine
 * share one process, so that hundreds cost no more than some memory; a node of another machine has one of its own there.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Beliefs } from "#autoscaler/coordinates/agent-beliefs.ts";
import type { NetworkTable } from "#autoscaler/network-view.ts";
import { addressesOf } from "#testbed/hosts-file.ts";
import type { KeeperStatus } from "#testbed/keeper/protocol.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { KeptProcess } from "../kept-process.ts";
import { agentsPlaces, type LivingNode } from "./agents-places.ts";
import { AgentsProcess, spawnHere, spawnOn } from "./agents-process.ts";
import { agentPort, type Line, type Nodes, type Report } from "./agents-protocol.ts";
import { algorithmNamed } from "./algorithm-named.ts";
import type { NetworkReport } from "./network-report.ts";
import { ReportRounds } from "./report-rounds.ts";

export type AgentsOptions = {
  /** As in the registry of algorithms. */
  readonly algorithm: string;
  readonly seed: number;
  /** Between two reports. */
  readonly everyMs: number;
  /** What a person should know: a node without an agent and why, a process that had to be started again. */
  log(line: string): void;
};

export type AgentsOnLab = {
  /** What to decide by: measured where a measurement is fresh, else estimated. Rates are for the caller to add. */
  table(): NetworkTable;
  /** Estimates alone, to be judged. */
  estimated(): NetworkTable;
  onReport(heard: (report: NetworkReport) => void): void;
  end(): Promise<void>;
};

type KeptPlace = { nodes: Nodes; process: AgentsProcess; kept: KeptProcess };

const lookEveryMs = 1_000;

export async function startAgentsOnLab(lab: Lab, options: AgentsOptions): Promise<AgentsOnLab> {
  const agents = new Agents(lab, options);
  const status = await lab.keeper.ask("GET /status");
  agents.see(status);
  const ending = new AbortController();
  const watching = watch(lab, ending.signal, options.log, (now) => agents.see(now));
  return {
    table: () => agents.table("best"),
    estimated: () => agents.table("estimated"),
    onReport: (heard) => agents.onReport(heard),
    async end() {
      ending.abort();
      await watching;
      await agents.end();
    },
  };
}

class Agents {
  readonly #lab: Lab;
  readonly #options: AgentsOptions;
  readonly #beliefs: Beliefs;
  readonly #secret = randomBytes(16).toString("hex");
  readonly #places = new Map<string, KeptPlace>();
  readonly #endings: Promise<void>[] = [];
  readonly #listeners: ((report: NetworkReport) => void)[] = [];
  readonly #rounds = new ReportRounds((report) => {
    for (const listener of this.#listeners) listener(report);
  });
  #living: readonly LivingNode[] = [];

  constructor(lab: Lab, options: AgentsOptions) {
    this.#lab = lab;
    this.#options = options;
    this.#beliefs = new Beliefs(algorithmNamed(options.algorithm));
  }

  table(which: "best" | "estimated"): NetworkTable {
    const names = this.#living.map(({ name }) => name);
    return this.#beliefs.table(names, performance.now(), which);
  }

  onReport(heard: (report: NetworkReport) => void): void {
    this.#listeners.push(heard);
  }

  /** Whoever is there now has an agent, and all agents know of each other. */
  see(status: KeeperStatus): void {
    const living = livingNodes(this.#lab, status);
    for (const { name } of this.#living)
      if (!living.some((node) => node.name === name)) this.#beliefs.forget(name);
    this.#living = living;
    const wanted = agentsPlaces(living);
    for (const [place, { kept }] of this.#places) {
      if (wanted.has(place)) continue;
      this.#places.delete(place);
      this.#endings.push(kept.end());
    }
    this.#rounds.expect(wanted.keys());
    for (const [place, { nodes, node, seedStep }] of wanted) {
      const known = this.#places.get(place);
      if (!known) {
        this.#keep(place, nodes, node, seedStep, status.pid);
      } else if (JSON.stringify(known.nodes) !== JSON.stringify(nodes)) {
        known.nodes = nodes;
        known.process.tell(nodes);
      }
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#endings, ...[...this.#places.values()].map(({ kept }) => kept.end())]);
  }

  #keep(place: string, nodes: Nodes, node: string | undefined, seedStep: number, keeperPid: number): void {
    const { algorithm, seed, everyMs, log } = this.#options;
    const { rootless } = this.#lab.identity;
    const what = node === undefined ? "the coordinate agents" : `the coordinate agent of ${node}`;
    const spawn = () =>
      node === undefined ? spawnHere({ rootless, keeperPid }) : spawnOn(this.#lab.node(node));
    const process = new AgentsProcess(spawn, () => [
      { do: "begin", algorithm, seed: seed + seedStep, secret: this.#secret, everyMs },
      here.nodes,
    ]);
    const kept = new KeptProcess({
      what,
      node: { name: node ?? "this machine", spawn: () => process.spawn() },
      command: async () => [],
      environment: {},
      onLine: (line) => this.#hear(place, JSON.parse(line) as Line),
      onErrorLine: (line) => log(`${what}: ${line}`),
      log,
      isOver: () => false,
      onFailure: (error) => log(`${what} cannot be kept running: ${error}`),
    });
    const here: KeptPlace = { nodes, process, kept };
    this.#places.set(place, here);
  }

  #hear(place: string, line: Line): void {
    if (line.is === "trouble")
      this.#options.log(`the coordinate agent of ${line.node} could not start at ${line.why}`);
    else this.#rounds.hear(place, believe(this.#beliefs, line, performance.now()));
  }
}

/** Nodes that are down are no contacts: whoever comes back is named again. */
function livingNodes(lab: Lab, { nodes }: KeeperStatus): LivingNode[] {
  const subnet = { ...lab.identity.subnet, prefix6: subnet6(lab.identity.id) };
  return nodes.flatMap(({ name, number, state, namespacePath }) => {
    if (state === "down" || state === "absent") return [];
    const address = `${addressesOf(subnet, nodeNumber(number)).v4}:${agentPort}`;
    const paused = state === "paused";
    return [{ name, number, address, paused, ...(namespacePath !== undefined && { namespacePath }) }];
  });
}

async function watch(
  lab: Lab,
  signal: AbortSignal,
  log: (line: string) => void,
  seen: (status: KeeperStatus) => void,
): Promise<void> {
  let said = "";
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      seen(await lab.keeper.ask("GET /status"));
      said = "";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== said) log(`the coordinate agents go on as they are: ${why}`);
      said = why;
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
