/**
 * Keeps one lab: holds its namespaces, runs its fabric, its timeline and what is done to it by hand. The lab lives
 * as long as this process does.
 */
import type { LabFolder } from "#testbed/lab.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import { whyLate } from "#testbed/network/wire/statistics.ts";
import type { Body } from "#testbed/nodes/body.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { EventLog } from "./events-log.ts";
import type { HeldSecrets } from "./held-secrets.ts";
import { type Impairment, Impairments } from "./impairments.ts";
import { KeptNodes } from "./kept-nodes.ts";
import { LaidNetwork } from "./laid-network.ts";
import type { MtuRoutes } from "./mtu-routes.ts";
import type { Namespaces } from "./namespaces.ts";
import type { NodeAct, NodeDeed } from "./node-life.ts";
import { type Due, Player } from "./player.ts";
import type { ActOrder, ImposeOrder, KeeperStatus, LiftOrder, NodeReport, PairReport } from "./protocol.ts";
import type { Answers } from "./server.ts";
import { type Deed, isOfTimeline, moments } from "./timeline.ts";
import { Turns } from "./turns.ts";

export type KeeperParts = {
  folder: LabFolder;
  bodyOf: (name: string, number: number) => Body;
  namespaces: Pick<Namespaces, "join" | "unlink" | "remove" | "isJoined" | "fdOf">;
  fabric: Fabric;
  fabricBecause: string;
  /** How many its network had when it began. */
  nodesAtFirst: number;
  mtuRoutes: Pick<MtuRoutes, "apply" | "forget">;
  log: EventLog;
  secrets: HeldSecrets;
  clock: { nowMs(): number; setTimer(act: () => void, delayMs: number): () => void; date(): Date };
  /** For what goes wrong where nobody waits for an answer. */
  failed: (error: unknown) => void;
  /** Called when the lab is to end. */
  end: () => void;
};

/** What ends a crash or a pause that was begun for a while. */
const undoing: Partial<Record<NodeAct, NodeAct>> = { crash: "start", pause: "resume" };

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #nodes: KeptNodes;
  readonly #impairments = new Impairments();
  readonly #network: LaidNetwork;
  readonly #turns = new Turns();
  readonly #player: Player;
  #timelineStartedAt: string | undefined;
  #byHand = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#nodes = new KeptNodes(parts);
    this.#network = new LaidNetwork(
      () => this.#topology(),
      () => this.#nodes.numbers(),
      () => this.#nodes.tunnelDelays(),
      this.#impairments,
      parts.nodesAtFirst,
    );
    this.#player = new Player({
      nowMs: parts.clock.nowMs,
      setTimer: parts.clock.setTimer,
      inTurn: (act) => this.#turns.take(act),
      perform: (batch) => this.#perform(batch),
      failed: parts.failed,
    });
  }

  /** What only reads is answered at once; all else takes its turn with the deeds of the clock. */
  answers(): Answers {
    const inTurn =
      <Sent, Back>(act: (sent: Sent) => Back | Promise<Back>) =>
      (sent: Sent): Promise<Back> =>
        this.#turns.take(() => act(sent));
    return {
      "GET /status": () => this.#status(),
      "GET /pairs": () => this.#pairs(),
      "POST /create-node": (sent) => this.#create(sent),
      "POST /remove-node": (sent) => this.#remove(sent),
      "POST /names": inTurn(async () => {
        await this.#nodes.readNames();
        return {};
      }),
      "POST /act": inTurn((sent) => this.#actByHand(sent)),
      "POST /network": inTurn(() => this.#setNetwork()),
      "POST /timeline": inTurn(() => this.#startTimeline()),
      "POST /impose": inTurn((sent) => this.#impose(sent)),
      "POST /lift": inTurn((sent) => this.#lift(sent)),
      "GET /secrets": () => this.#parts.secrets.list(),
      "POST /secrets": (sent) => {
        this.#parts.secrets.hold(sent);
        return {};
      },
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
      nodes: this.#nodes.reports(),
      impairments: this.#impairments.list([...this.#nodes.numbers().keys()]),
      timeline: {
        ...(this.#timelineStartedAt === undefined ? {} : { startedAt: this.#timelineStartedAt }),
        done: this.#player.done,
        planned: this.#player.planned,
        lateMsMax: this.#player.lateMsMax,
      },
    };
  }

  #pairs(): PairReport[] {
    const found: PairReport[] = [];
    const numbers = [...this.#nodes.numbers()];
    for (const [from, a] of numbers) {
      for (const [to, b] of numbers) {
        const counters = a === b ? undefined : this.#parts.fabric.pairCounters(a, b);
        if (counters && counters.packets > 0) found.push({ from, to, ...counters });
      }
    }
    return found;
  }

  #topology(): Topology {
    const topology = this.#parts.folder.topology();
    if (!topology) throw new Error("the lab's folder holds no topology");
    return topology;
  }

  /** Several may be made at the same time; each joins the lab in its turn. */
  async #create({ node, number }: { node: string; number: number }): Promise<NodeReport> {
    const made = await this.#nodes.make(node, number);
    const report = await this.#turns.take(() => this.#nodes.add(node, number, made));
    try {
      const link = await made.body.joined?.();
      if (link) this.#nodes.keepTunnelDelay(node, link.delayMs);
    } catch (error) {
      await this.#remove({ node, number });
      throw error;
    }
    return report;
  }

  /** Out of the lab at once; its body may be on a machine that takes its time or is gone, and the lab goes on meanwhile. */
  async #remove({ node, number }: { node: string; number: number }): Promise<{ left?: string }> {
    const remove = await this.#turns.take(async () => {
      const takenOut = await this.#nodes.takeOut(node, number);
      this.#impairments.heal(node); // Another node may get its name.
      return takenOut;
    });
    const left = await remove();
    return left === undefined ? {} : { left };
  }

  async #act(deed: NodeDeed): Promise<NodeReport> {
    const report = await this.#nodes.perform(deed);
    if (deed.action === "start") this.#parts.mtuRoutes.apply(this.#network.now());
    return report;
  }

  async #actByHand({ node, action, forMs }: ActOrder): Promise<NodeReport> {
    const begins = action in undoing;
    const hold = `by hand ${++this.#byHand}`;
    const report = await this.#act({ do: "node", node, action, ...(begins && { hold }) });
    this.#parts.log(`${node}: ${action} by hand`);
    const back = undoing[action];
    if (forMs !== undefined && back)
      this.#player.later(`hold ${hold}`, { do: "node", node, action: back, hold }, forMs);
    return report;
  }

  async #setNetwork(): Promise<{ pairsChanged: number }> {
    this.#network.prepare();
    return { pairsChanged: await this.#applyNetwork() };
  }

  async #applyNetwork(): Promise<number> {
    const network = this.#network.now();
    this.#parts.mtuRoutes.apply(network);
    return await this.#parts.fabric.apply(network);
  }

  /** From its beginning: what the timeline before it has begun ends here, and what was done by hand stays. */
  async #startTimeline(): Promise<{ planned: number }> {
    const planned = moments(this.#topology().events);
    this.#player.stop();
    for (const deed of this.#nodes.lettingGo(isOfTimeline)) await this.#act(deed);
    this.#impairments.liftAll(({ name }) => isOfTimeline(name));
    await this.#applyNetwork();
    this.#timelineStartedAt = this.#parts.clock.date().toISOString();
    this.#parts.log("the timeline starts");
    this.#player.start(planned);
    return { planned: planned.length };
  }

  /** Nobody waits for the outcome, so a failure goes into the record and the lab goes on. */
  async #perform(batch: readonly Due[]): Promise<void> {
    let failure: string | undefined;
    try {
      for (const { deed } of batch) {
        if (deed.do === "node") await this.#act(deed);
        else this.#changeImpairments(deed);
      }
      if (batch.some(({ deed }) => deed.do !== "node")) await this.#applyNetwork();
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    for (const { deed, lateMs } of batch) this.#parts.log(describe(deed), lateMs, failure);
  }

  #changeImpairments(deed: Exclude<Deed, NodeDeed>): void {
    if (deed.do === "impose") {
      const { name, rules, isolates } = deed;
      this.#impairments.impose({ name, rules, ...(isolates !== undefined && { isolates }) });
    } else if (deed.do === "lift") this.#impairments.lift(deed.name);
    else this.#impairments.heal(deed.node);
  }

  async #impose({ name = `by hand ${++this.#byHand}`, rules, forMs, isolates }: ImposeOrder) {
    if (isOfTimeline(name))
      throw new UserError(
        "name-reserved",
        `${name}: the timeline calls its own so`,
        "choose another name",
        2,
      );
    this.#nodes.check([
      ...rules.flatMap(({ from, to }) => [...from, ...to]),
      ...(isolates === undefined ? [] : [isolates]),
    ]);
    for (const { from, change } of rules) if (change.mtuBytes !== undefined) this.#nodes.checkRoutes(from);
    const impairment: Impairment = { name, rules, ...(isolates !== undefined && { isolates }) };
    this.#impairments.impose(impairment);
    this.#player.forget(`impairment ${name}`);
    if (forMs !== undefined) this.#player.later(`impairment ${name}`, { do: "lift", name }, forMs);
    const pairsChanged = await this.#applyNetwork();
    this.#parts.log(`${name} begins`);
    return { name, pairsChanged };
  }

  /** By name, by node (its isolations), or everything. */
  async #lift({ name, node }: LiftOrder): Promise<{ lifted: string[] }> {
    const lifted = this.#impairments.liftAll(
      (each) => (name === undefined || each.name === name) && (node === undefined || each.isolates === node),
    );
    for (const each of lifted) this.#player.forget(`impairment ${each}`);
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
