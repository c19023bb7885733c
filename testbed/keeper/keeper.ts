/**
 * Keeps one lab: holds its namespaces, runs its fabric, its timeline and what is done to it by hand. The lab lives
 * as long as this process does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LabFolder } from "#testbed/lab.ts";
import { groupOf } from "#testbed/limits.ts";
import { prepareNetwork } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import { whyLate } from "#testbed/network/wire/statistics.ts";
import type { NodeState } from "#testbed/nodes/node.ts";
import { killAll, labProcesses, type Marks, signal } from "#testbed/processes.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { EventLog } from "./events-log.ts";
import { Impairments } from "./impairments.ts";
import type { MtuRoutes } from "./mtu-routes.ts";
import type { Namespaces } from "./namespaces.ts";
import { Player } from "./player.ts";
import type { ImposeOrder, KeeperNodeAction, KeeperStatus, NodeReport, PairReport } from "./protocol.ts";
import type { Answers } from "./server.ts";
import { type Deed, moments } from "./timeline.ts";
import { inOrderOfNumbers } from "./node-order.ts";

type Kept = { number: number; state: NodeState };

export type KeeperParts = {
  folder: LabFolder;
  marks: Marks;
  namespaces: Namespaces;
  fabric: Fabric;
  fabricBecause: string;
  mtuRoutes: MtuRoutes;
  log: EventLog;
  /** Called when the lab is to end. */
  end: () => void;
};

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #nodes = new Map<string, Kept>();
  readonly #impairments = new Impairments();
  readonly #player: Player;
  #timelineStartedAt: string | undefined;
  /** What does not change with impairments is computed once for a topology and a set of nodes. */
  #prepared: ReturnType<typeof prepareNetwork> | undefined;
  #imposed = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#player = new Player({
      nowMs: () => performance.now(),
      setTimer: (act, delayMs) => {
        const timer = setTimeout(act, delayMs);
        return () => clearTimeout(timer);
      },
      perform: (deed, lateMs) => this.#perform(deed, lateMs),
    });
  }

  answers(): Answers {
    return {
      "GET /status": () => this.#status(),
      "GET /pairs": () => this.#pairs(),
      "POST /create-node": (sent) => this.#create(sent.node, sent.number),
      "POST /remove-node": (sent) => this.#remove(sent.node, sent.number),
      "POST /act": (sent) => this.#actByHand(sent.node, sent.action, sent.forMs),
      "POST /network": async () => {
        this.#prepared = undefined;
        return { pairsChanged: await this.#applyNetwork() };
      },
      "POST /timeline": () => this.#startTimeline(),
      "POST /impose": (sent) => this.#impose(sent),
      "POST /lift": (sent) => this.#lift(sent),
      "POST /end": () => {
        this.#player.stop();
        this.#parts.end();
        return {};
      },
    };
  }

  #status(): KeeperStatus {
    const { fabric, fabricBecause } = this.#parts;
    const wire = fabric.report();
    const late = wire && whyLate(wire);
    return {
      pid: process.pid,
      fabric: { kind: fabric.kind, because: fabricBecause },
      ...(late === undefined ? {} : { late }),
      ...(wire === undefined ? {} : { wire }),
      nodes: [...this.#nodes.keys()].map((name) => this.#report(name)),
      impairments: this.#impairments.list(),
      timeline: {
        ...(this.#timelineStartedAt === undefined ? {} : { startedAt: this.#timelineStartedAt }),
        done: this.#player.done,
        planned: this.#player.planned,
        lateMsMax: this.#player.lateMsMax,
      },
    };
  }

  #report(name: string): NodeReport {
    const { number, state } = this.#kept(name);
    const fd = this.#parts.namespaces.fdOf(number);
    const path = fd === undefined ? {} : { namespacePath: `/proc/${process.pid}/fd/${fd}` };
    return { name, number, state, ...path };
  }

  #pairs(): PairReport[] {
    const found: PairReport[] = [];
    for (const [from, { number: a }] of this.#nodes) {
      for (const [to, { number: b }] of this.#nodes) {
        const counters = a === b ? undefined : this.#parts.fabric.pairCounters(a, b);
        if (counters && counters.packets > 0) found.push({ from, to, ...counters });
      }
    }
    return found;
  }

  #kept(name: string): Kept {
    const kept = this.#nodes.get(name);
    if (!kept) {
      throw new UserError(
        "no-such-node",
        `${name}: this lab has no such node; it has ${[...this.#nodes.keys()].join(", ")}`,
        "",
        2,
      );
    }
    return kept;
  }

  async #create(node: string, number: number): Promise<NodeReport> {
    if (this.#parts.namespaces.fdOf(number) === undefined) {
      this.#parts.namespaces.create(number);
      await this.#parts.fabric.attach(number);
    }
    if (this.#nodes.get(node)?.number !== number) this.#prepared = undefined;
    this.#nodes.set(node, { number, state: "running" });
    return this.#report(node);
  }

  async #remove(node: string, number: number): Promise<object> {
    if (this.#nodes.get(node)?.state === "paused") await this.#thaw(node, number);
    await this.#vanish(number);
    this.#nodes.delete(node);
    this.#prepared = undefined;
    return {};
  }

  /** The link first, then the processes: peers hear silence, as from a machine that lost its power. */
  async #vanish(number: number): Promise<void> {
    await this.#parts.fabric.detach(number);
    this.#parts.namespaces.unlink(number);
    this.#parts.mtuRoutes.forget(number);
    const gone = await killAll(() => this.#processes(number), sleep);
    if (!gone) throw new Error(`some processes of node ${number} outlive a kill`);
    this.#parts.namespaces.remove(number);
  }

  #processes(number: number): number[] {
    return labProcesses(this.#parts.marks)
      .filter(({ node }) => node === number)
      .map(({ pid }) => pid);
  }

  async #act(name: string, action: KeeperNodeAction): Promise<NodeReport> {
    const kept = this.#kept(name);
    switch (action) {
      case "start":
        if (kept.state === "crashed") {
          await this.#create(name, kept.number);
          this.#parts.mtuRoutes.apply(this.#network());
        }
        break;
      case "crash":
        if (kept.state === "crashed") break;
        if (kept.state === "paused") await this.#thaw(name, kept.number);
        await this.#vanish(kept.number);
        kept.state = "crashed";
        break;
      case "pause":
        if (kept.state !== "running") break;
        await this.#freeze(name, kept.number);
        kept.state = "paused";
        break;
      case "resume":
        if (kept.state !== "paused") break;
        await this.#thaw(name, kept.number);
        kept.state = "running";
        break;
      default:
        throw new Error(`unknown action ${action satisfies never}`);
    }
    return this.#report(name);
  }

  /** By the node's own group where it has one; else by signals, twice for what was forked meanwhile. */
  async #freeze(name: string, number: number): Promise<void> {
    const group = groupOf(this.#parts.folder, name);
    if (group?.canFreeze) return await group.freeze();
    for (const _round of [1, 2]) for (const pid of this.#processes(number)) signal(pid, "SIGSTOP");
  }

  async #thaw(name: string, number: number): Promise<void> {
    const group = groupOf(this.#parts.folder, name);
    if (group?.canFreeze) return await group.thaw();
    for (const pid of this.#processes(number)) signal(pid, "SIGCONT");
  }

  async #actByHand(name: string, action: KeeperNodeAction, forMs: number | undefined): Promise<NodeReport> {
    const report = await this.#act(name, action);
    this.#parts.log(`${name}: ${action} by hand`);
    const back = action === "crash" ? "start" : action === "pause" ? "resume" : undefined;
    if (forMs !== undefined && back) setTimeout(() => void this.#perform({ do: "node", node: name, action: back }, 0), forMs);
    return report;
  }

  #topology(): Topology {
    const topology = this.#parts.folder.topology();
    if (!topology) throw new Error("the lab's folder holds no topology");
    return topology;
  }

  async #applyNetwork(): Promise<number> {
    const network = this.#network();
    this.#parts.mtuRoutes.apply(network);
    return await this.#parts.fabric.apply(network);
  }

  #network(): Network {
    if (!this.#prepared) {
      const numbers = new Map([...this.#nodes].map(([name, { number }]) => [name, number]));
      this.#prepared = prepareNetwork(inOrderOfNumbers(this.#topology(), numbers));
    }
    return this.#prepared(this.#impairments.rules());
  }

  async #startTimeline(): Promise<{ planned: number }> {
    const topology = this.#topology();
    const names = [...this.#nodes.keys()];
    const planned = moments(topology.events, names);
    this.#impairments.clear();
    await this.#applyNetwork();
    this.#timelineStartedAt = new Date().toISOString();
    this.#parts.log("the timeline starts");
    this.#player.start(planned);
    return { planned: planned.length };
  }

  async #perform(deed: Deed, lateMs: number): Promise<void> {
    const what = describe(deed);
    try {
      if (deed.do === "node") await this.#act(deed.node, deed.action);
      else {
        if (deed.do === "impose") this.#impairments.impose(deed);
        else if (deed.do === "lift") this.#impairments.lift(deed.name);
        else this.#impairments.heal(deed.node);
        await this.#applyNetwork();
      }
      this.#parts.log(what, lateMs);
    } catch (error) {
      this.#parts.log(what, lateMs, error instanceof Error ? error.message : String(error));
    }
  }

  async #impose({ name = `by hand ${++this.#imposed}`, rules, forMs, isolates }: ImposeOrder) {
    this.#impairments.impose(isolates === undefined ? { name, rules } : { name, rules, isolates });
    const pairsChanged = await this.#applyNetwork();
    this.#parts.log(`${name} begins`);
    if (forMs !== undefined) setTimeout(() => void this.#lift({ name }), forMs);
    return { name, pairsChanged };
  }

  /** By name, by node (its isolations), or everything. */
  async #lift({ name, node }: { name?: string; node?: string }): Promise<{ lifted: string[] }> {
    let lifted: string[];
    if (name !== undefined) lifted = this.#impairments.lift(name) ? [name] : [];
    else if (node !== undefined) lifted = this.#impairments.heal(node);
    else {
      lifted = this.#impairments.list().map((each) => each.name);
      this.#impairments.clear();
    }
    await this.#applyNetwork();
    for (const each of lifted) this.#parts.log(`${each} ends`);
    return { lifted };
  }
}

function describe(deed: Deed): string {
  switch (deed.do) {
    case "impose":
      return `${deed.name} begins`;
    case "lift":
      return `${deed.name} ends`;
    case "heal":
      return `${deed.node} healed`;
    case "node":
      return `${deed.node}: ${deed.action}`;
    default:
      throw new Error(`unknown deed ${deed satisfies never}`);
  }
}
