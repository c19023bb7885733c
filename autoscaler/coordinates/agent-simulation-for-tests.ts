/**
 * A group of agents in a simulated world: round trips, jitter and loss are given, every choice comes from a seed, and
 * minutes of hundreds of agents take seconds.
 */
import { Agent, type AgentPace, type Datagram, defaultPace } from "./agent-core.ts";
import type { Advert, Coordinate, CoordinateAlgorithm } from "./algorithm.ts";

export type SimulatedWorld = {
  /** One way, in ms, drawn for each datagram; undefined: lost. */
  delay(from: string, to: string): number | undefined;
};

type Event = { atMs: number; order: number; act(): void };

export const addressOf = (index: number) => `10.0.${index >> 8}.${index & 255}:4747`;

export class Simulation {
  nowMs = 0;
  readonly names: readonly string[];
  readonly agents = new Map<string, Agent>();
  datagrams = 0;
  bytesMax = 0;
  readonly #random: () => number;
  readonly #algorithm: CoordinateAlgorithm;
  readonly #world: SimulatedWorld;
  readonly #pace: AgentPace;
  readonly #addresses: Map<string, string>;
  readonly #nameAt: Map<string, string>;
  readonly #events = new EventQueue();

  constructor(
    algorithm: CoordinateAlgorithm,
    names: readonly string[],
    world: SimulatedWorld,
    random: () => number,
    pace: Partial<AgentPace> = {},
  ) {
    this.names = names;
    this.#algorithm = algorithm;
    this.#world = world;
    this.#random = random;
    this.#pace = { ...defaultPace, ...pace };
    this.#addresses = new Map(names.map((name, index) => [name, addressOf(index)]));
    this.#nameAt = new Map([...this.#addresses].map(([name, address]) => [address, name]));
  }

  start(name: string, contacts: readonly string[], secret = "ours"): Agent {
    const address = this.#addresses.get(name)!;
    const identity = {
      ...{ name, address, secret: Buffer.from(secret) },
      born: Math.floor(this.nowMs / 1000) + 1,
    };
    const agent = new Agent(identity, this.#algorithm.create(name, this.#random), this.#random, this.#pace);
    agent.contacts(contacts.map((each) => ({ name: each, address: this.#addresses.get(each)! })));
    this.agents.set(name, agent);
    this.#pollAt(name, agent, this.nowMs + this.#random() * 100);
    return agent;
  }

  crash(name: string): void {
    this.agents.delete(name);
  }

  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (let event = this.#events.next(endMs); event !== undefined; event = this.#events.next(endMs)) {
      this.nowMs = event.atMs;
      event.act();
    }
    this.nowMs = endMs;
  }

  inject(bytes: Uint8Array, from: string, to: string): void {
    this.agents.get(to)!.receive(bytes, from, this.nowMs);
  }

  #pollAt(name: string, agent: Agent, atMs: number): void {
    this.#events.add(atMs, () => {
      if (this.agents.get(name) !== agent) return;
      const due = agent.nextMs() <= this.nowMs;
      this.#send(name, agent.poll(this.nowMs));
      if (due) this.#pollAt(name, agent, Math.max(this.nowMs + 1, agent.nextMs()));
    });
  }

  #send(from: string, datagrams: readonly Datagram[]): void {
    for (const { to, leave } of datagrams) {
      const bytes = leave(this.nowMs);
      this.datagrams++;
      this.bytesMax = Math.max(this.bytesMax, bytes.length);
      const receiver = this.#nameAt.get(to);
      if (receiver === undefined) throw new Error(`a datagram to ${to}, where nobody is`);
      const delayMs = this.#world.delay(from, receiver);
      if (delayMs === undefined) continue;
      this.#events.add(this.nowMs + delayMs, () => {
        const agent = this.agents.get(receiver);
        if (agent === undefined) return;
        const plannedMs = agent.nextMs();
        this.#send(receiver, agent.receive(bytes, this.#addresses.get(from)!, this.nowMs));
        if (agent.nextMs() < plannedMs) this.#pollAt(receiver, agent, Math.max(this.nowMs, agent.nextMs()));
      });
    }
  }
}

/** A binary heap; those of one moment come in the order in which they were added. */
class EventQueue {
  readonly #heap: Event[] = [];
  #order = 0;

  add(atMs: number, act: () => void): void {
    const heap = this.#heap;
    let place = heap.push({ atMs, order: this.#order++, act }) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(heap[place]!, heap[above]!)) break;
      [heap[place], heap[above]] = [heap[above]!, heap[place]!];
      place = above;
    }
  }

  next(untilMs: number): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.atMs > untilMs) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let place = 0; ; ) {
        let least = place;
        for (const below of [2 * place + 1, 2 * place + 2])
          if (below < heap.length && isBefore(heap[below]!, heap[least]!)) least = below;
        if (least === place) break;
        [heap[place], heap[least]] = [heap[least]!, heap[place]!];
        place = least;
      }
    }
    return first;
  }
}

const isBefore = (one: Event, other: Event) =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/** The plainest algorithm: Vivaldi in space with a fixed step; enough to see that agents feed it. */
export const plainVivaldi: CoordinateAlgorithm = {
  name: "plain",
  create(_node, random): Coordinate {
    let samples = 0;
    let position = [30 * random(), 30 * random(), 30 * random()];
    return {
      advert: () => ({ position, height: 0, adjustment: 0, error: 0.5, samples }),
      observe(_peer, peerAdvert, rttMs) {
        samples++;
        const away = position.map((value, axis) => value - peerAdvert.position[axis]!);
        const lengthMs = Math.hypot(...away) || 1e-6;
        position = position.map((value, axis) => value + 0.1 * (rttMs - lengthMs) * (away[axis]! / lengthMs));
      },
      forget: () => undefined,
    };
  },
  estimate(one: Advert, other: Advert) {
    const rttMs = Math.hypot(...one.position.map((value, axis) => value - other.position[axis]!));
    return { rttMs, lowMs: rttMs * 0.8, highMs: rttMs * 1.2 };
  },
};
