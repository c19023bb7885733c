/**
 * Runs the agents of many nodes in one loop: opens their sockets, hands each what came for it, sends what it says. A node
 * that crashed and came back has a network of another identity; its agent starts anew, as a program on it would.
 */
import { Agent } from "#autoscaler/coordinates/agent-core.ts";
import type { Contact } from "#autoscaler/coordinates/agent-known.ts";
import type { CoordinateAlgorithm } from "#autoscaler/coordinates/algorithm.ts";
import { type Random, seededRandom } from "#testbed/seeded-random.ts";
import type { AgentSockets } from "./agent-sockets.ts";
import type { Endpoint, Line } from "./agents-protocol.ts";

export type HostSettings = {
  readonly algorithm: CoordinateAlgorithm;
  readonly seed: number;
  readonly secret: Uint8Array;
  readonly everyMs: number;
};

export type HostEdges = {
  readonly sockets: Pick<AgentSockets, "nowMs" | "open" | "close" | "send" | "receive">;
  /** What tells one network namespace from another; undefined: there is none at that path. */
  identityOf(namespacePath: string): string | undefined;
  /** Seconds since 1970. */
  epochSeconds(): number;
  cost(): { cpuMs: number; residentBytes: number };
  say(line: Line): void;
};

type Hosted = {
  endpoint: Endpoint;
  agent: Agent;
  token: number;
  identity: string | undefined;
  /** Its first probe, so that not all begin in one moment. */
  fromMs: number;
};

const lookEveryMs = 1_000;
const startWithinMs = 200;

export class AgentsHost {
  readonly #settings: HostSettings;
  readonly #edges: HostEdges;
  readonly #hosted = new Map<string, Hosted>();
  readonly #byToken = new Map<number, Hosted>();
  readonly #troubles = new Map<string, string>();
  /** When a node's last agent was born: the next one is younger, also within a second. */
  readonly #born = new Map<string, number>();
  readonly #random: Random;
  #here: readonly Endpoint[] = [];
  #all: readonly Contact[] = [];
  #nextMs = Number.NEGATIVE_INFINITY;
  #lookMs = Number.NEGATIVE_INFINITY;
  #reportMs: number;

  constructor(settings: HostSettings, edges: HostEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#random = seededRandom(settings.seed);
    this.#reportMs = edges.sockets.nowMs() + settings.everyMs;
  }

  nodes(here: readonly Endpoint[], all: readonly Contact[]): void {
    this.#here = here;
    this.#all = all;
    for (const { agent } of this.#hosted.values()) agent.contacts(all);
    this.#look();
  }

  /** One round: what is due, then a sleep until something comes or the next is due. True: there are new orders. */
  turn(): boolean {
    const { sockets } = this.#edges;
    const nowMs = sockets.nowMs();
    if (nowMs >= this.#lookMs) this.#look();
    if (nowMs >= this.#reportMs) this.#report(nowMs);
    if (nowMs >= this.#nextMs) this.#poll();
    const untilMs = Math.min(this.#nextMs, this.#reportMs, this.#lookMs);
    return sockets.receive(untilMs - sockets.nowMs(), (token, bytes, from, atMs) => {
      const hosted = this.#byToken.get(token);
      if (hosted === undefined || hosted.endpoint.paused) return;
      for (const { to, leave } of hosted.agent.receive(bytes, from, atMs)) sockets.send(token, to, leave);
      this.#nextMs = Math.min(this.#nextMs, hosted.agent.nextMs());
    });
  }

  #poll(): void {
    const { sockets } = this.#edges;
    this.#nextMs = Number.POSITIVE_INFINITY;
    for (const { agent, token, endpoint, fromMs } of this.#hosted.values()) {
      if (endpoint.paused) continue;
      const nowMs = sockets.nowMs();
      if (fromMs <= nowMs && agent.nextMs() <= nowMs)
        for (const { to, leave } of agent.poll(nowMs)) sockets.send(token, to, leave);
      this.#nextMs = Math.min(this.#nextMs, Math.max(fromMs, agent.nextMs()));
    }
  }

  #report(nowMs: number): void {
    this.#reportMs = Math.max(this.#reportMs + this.#settings.everyMs, nowMs);
    const speaking = [...this.#hosted].filter(([, { endpoint }]) => !endpoint.paused);
    const nodes = Object.fromEntries(speaking.map(([name, { agent }]) => [name, agent.report()]));
    this.#edges.say({ is: "report", atMs: nowMs, nodes, cost: this.#edges.cost() });
  }

  /** Compares what should run with what does. */
  #look(): void {
    this.#lookMs = this.#edges.sockets.nowMs() + lookEveryMs;
    const wanted = new Map(this.#here.map((endpoint) => [endpoint.name, endpoint]));
    for (const [name, hosted] of this.#hosted) {
      const endpoint = wanted.get(name);
      if (endpoint && this.#isSame(hosted, endpoint)) hosted.endpoint = endpoint;
      else this.#close(hosted);
    }
    for (const endpoint of this.#here) if (!this.#hosted.has(endpoint.name)) this.#open(endpoint);
    this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  #isSame({ endpoint: before, identity }: Hosted, { address, namespacePath }: Endpoint): boolean {
    if (before.address !== address) return false;
    return identity === (namespacePath && this.#edges.identityOf(namespacePath));
  }

  #open(endpoint: Endpoint): void {
    const { sockets, identityOf, epochSeconds, say } = this.#edges;
    const { name, address, namespacePath } = endpoint;
    const identity = namespacePath && identityOf(namespacePath);
    if (namespacePath !== undefined && identity === undefined) return; // Gone since we were told; we shall be told.
    let token: number;
    try {
      token = sockets.open({ address, ...(namespacePath !== undefined && { namespacePath }) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (this.#troubles.get(name) !== why) say({ is: "trouble", node: name, why: `${address}: ${why}` });
      this.#troubles.set(name, why);
      return;
    }
    this.#troubles.delete(name);
    const { algorithm, secret } = this.#settings;
    const born = Math.max(epochSeconds(), (this.#born.get(name) ?? 0) + 1);
    this.#born.set(name, born);
    const random = seededRandom(this.#random.below(2 ** 32)).next;
    const agent = new Agent({ name, address, born, secret }, algorithm.create(name, random), random);
    agent.contacts(this.#all);
    const fromMs = sockets.nowMs() + startWithinMs * random();
    const hosted: Hosted = { endpoint, agent, token, identity, fromMs };
    this.#hosted.set(name, hosted);
    this.#byToken.set(token, hosted);
  }

  #close({ endpoint, token }: Hosted): void {
    this.#edges.sockets.close(token);
    this.#byToken.delete(token);
    this.#hosted.delete(endpoint.name);
  }
}
