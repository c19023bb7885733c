/**
 * Which rates each pair passes: its source's up link, the shared links of its path, a rate of its own, and
 * after the delay its destination's down link. Worked out at a pair's first packet and again after a change.
 */
import type { Network, Queue, Segment } from "#testbed/network/conditions.ts";
import { ownShaper, type PairState, pairWords, routeFirstFlow, routePlan } from "./pair-state.ts";
import { queueLimitBytes } from "./queue-limit.ts";
import type { Shapers } from "./shaper.ts";

type Hop = { shaper: number; limitBytes: number };
type Route = { before: Hop[]; after: Hop | undefined };

/** Takes the packets, oldest first, that waited for rates which their pair no longer passes. */
type TakeMoved = (pair: number, beforeDelay: readonly number[], afterDelay: readonly number[]) => void;

const unresolved = 0;
const direct = 1;

/** A plan is a number, so that a packet reads a pair's whole route with one load; 0: not worked out. */
export function hopsBefore(plan: number): number {
  return (plan - 1) >> 1;
}

/** 1 or 0. */
export function hopsAfter(plan: number): number {
  return (plan - 1) & 1;
}

export class Routes {
  readonly #shapers: Shapers;
  readonly #pairs: PairState;
  #network: Network;
  /** By key, since a changed network may number its segments anew. */
  readonly #segmentShaper = new Map<string, number>();
  /** Of the network's segments, by their numbers. */
  #segmentKeys: string[] = [];
  /** Rows of flows to use again, by their length. */
  readonly #unusedRows = new Map<number, number[]>();

  constructor(shapers: Shapers, pairs: PairState, network: Network) {
    this.#shapers = shapers;
    this.#pairs = pairs;
    this.#network = network;
    this.#adoptSegments();
  }

  planOf(pair: number): number {
    const plan = this.#pairs.words[pair * pairWords + routePlan]!;
    return plan === unresolved ? this.#resolve(pair) : plan;
  }

  /** A pair's flows are numbered in a row, in the order in which its packets pass them. */
  firstFlowOf(pair: number): number {
    return this.#pairs.words[pair * pairWords + routeFirstFlow]!;
  }

  /** Puts a changed network in force; `changed` are the pairs whose conditions changed, all when absent. */
  update(network: Network, changed: Iterable<number> | undefined, takeMoved: TakeMoved): void {
    const before = this.#network;
    this.#network = network;
    const segmentsChanged = !sameJson(before.segments, network.segments);
    if (segmentsChanged) this.#adoptSegments();
    if (changed === undefined || segmentsChanged || !sameRouting(before, network)) {
      for (let pair = 0; pair < this.#pairs.pairs; pair++) this.#revise(pair, takeMoved);
    } else {
      for (const pair of changed) this.#revise(pair, takeMoved);
    }
    if (segmentsChanged) this.#abandonSegments();
  }

  #adoptSegments(): void {
    this.#segmentKeys = keysOf(this.#network.segments);
    this.#network.segments.forEach(({ rateBitsPerSecond, queue }, number) => {
      const key = this.#segmentKeys[number]!;
      const known = this.#segmentShaper.get(key);
      if (known !== undefined) this.#shapers.configure(known, rateBitsPerSecond, queue);
      else this.#segmentShaper.set(key, this.#shapers.addShaper(rateBitsPerSecond, queue));
    });
  }

  #abandonSegments(): void {
    const keys = new Set(this.#segmentKeys);
    for (const [key, shaper] of this.#segmentShaper) {
      if (keys.has(key)) continue;
      this.#segmentShaper.delete(key);
      this.#shapers.removeShaper(shaper);
    }
  }

  #resolve(pair: number): number {
    this.#dropUnusedOwnShaper(pair);
    return this.#install(pair, this.#routeOf(pair));
  }

  #revise(pair: number, takeMoved: TakeMoved): void {
    const plan = this.#pairs.words[pair * pairWords + routePlan]!;
    if (plan === unresolved) return;
    const first = this.firstFlowOf(pair);
    const flows = hopsBefore(plan) + hopsAfter(plan);
    if (this.#areEmpty(first, flows)) {
      // Worked out again when its next packet comes: 250,000 pairs at once would hold up every packet in flight.
      this.#giveBack(first, flows);
      this.#pairs.words[pair * pairWords + routePlan] = unresolved;
      return;
    }
    const route = this.#routeOf(pair);
    if (this.#follows(plan, first, route)) {
      hopsOf(route).forEach((hop, index) => {
        this.#shapers.setLimit(first + index, hop.limitBytes);
      });
      return;
    }
    const beforeDelay: number[] = [];
    const afterDelay: number[] = [];
    if (hopsAfter(plan) === 1) this.#shapers.flush(first + hopsBefore(plan), afterDelay);
    // The hop nearest to the delay holds the oldest packets.
    for (let hop = hopsBefore(plan) - 1; hop >= 0; hop--) this.#shapers.flush(first + hop, beforeDelay);
    this.#giveBack(first, flows);
    this.#dropUnusedOwnShaper(pair);
    this.#install(pair, route);
    takeMoved(pair, beforeDelay, afterDelay);
  }

  #areEmpty(first: number, flows: number): boolean {
    for (let flow = first; flow < first + flows; flow++) if (this.#shapers.holdsPackets(flow)) return false;
    return true;
  }

  #giveBack(first: number, flows: number): void {
    if (flows > 0) this.#rowsOf(flows).push(first);
  }

  #follows(plan: number, first: number, route: Route): boolean {
    if (hopsBefore(plan) !== route.before.length) return false;
    if (hopsAfter(plan) !== (route.after ? 1 : 0)) return false;
    return hopsOf(route).every((hop, index) => this.#shapers.shaperOf(first + index) === hop.shaper);
  }

  #install(pair: number, route: Route): number {
    const hops = hopsOf(route);
    const first = this.#rowsOf(hops.length).pop() ?? this.#shapers.addFlows(hops.length);
    hops.forEach((hop, index) => {
      this.#shapers.setFlow(first + index, hop.shaper);
      this.#shapers.setLimit(first + index, hop.limitBytes);
    });
    const plan = direct + 2 * route.before.length + (route.after ? 1 : 0);
    this.#pairs.words[pair * pairWords + routeFirstFlow] = first;
    this.#pairs.words[pair * pairWords + routePlan] = plan;
    return plan;
  }

  #routeOf(pair: number): Route {
    const network = this.#network;
    const nodes = network.nodes.length;
    const from = this.#pairs.sourceOf(pair);
    const to = this.#pairs.targetOf(pair);
    if (from >= nodes || to >= nodes) return { before: [], after: undefined };
    const index = from * nodes + to;
    const { delayMs, rateBitsPerSecond, queue } = network.conditions[network.pairs[index]!]!;
    const path = network.paths[network.pairPaths[index]!] ?? [];
    const before = [network.up[from]!, ...path]
      .filter((segment) => segment >= 0)
      .map((segment) => this.#segmentHop(segment, delayMs));
    if (rateBitsPerSecond !== undefined) {
      before.push(this.#ownHop(pair, rateBitsPerSecond, queue, delayMs));
    }
    const down = network.down[to]!;
    return { before, after: down >= 0 ? this.#segmentHop(down, delayMs) : undefined };
  }

  #segmentHop(index: number, delayMs: number): Hop {
    const { rateBitsPerSecond, queue } = this.#network.segments[index]!;
    return {
      shaper: this.#segmentShaper.get(this.#segmentKeys[index]!)!,
      limitBytes: queue?.limitBytes ?? queueLimitBytes(rateBitsPerSecond, delayMs),
    };
  }

  #ownHop(pair: number, rateBitsPerSecond: number, queue: Queue | undefined, delayMs: number): Hop {
    const words = this.#pairs.words;
    let shaper = words[pair * pairWords + ownShaper]! - 1;
    if (shaper >= 0) this.#shapers.configure(shaper, rateBitsPerSecond, queue);
    else shaper = this.#shapers.addShaper(rateBitsPerSecond, queue);
    words[pair * pairWords + ownShaper] = shaper + 1;
    return { shaper, limitBytes: queue?.limitBytes ?? queueLimitBytes(rateBitsPerSecond, delayMs) };
  }

  #dropUnusedOwnShaper(pair: number): void {
    const words = this.#pairs.words;
    const shaper = words[pair * pairWords + ownShaper]! - 1;
    if (shaper < 0 || this.#hasOwnRate(pair)) return;
    words[pair * pairWords + ownShaper] = 0;
    this.#shapers.removeShaper(shaper);
  }

  #hasOwnRate(pair: number): boolean {
    const { nodes, conditions, pairs } = this.#network;
    const from = this.#pairs.sourceOf(pair);
    const to = this.#pairs.targetOf(pair);
    if (from >= nodes.length || to >= nodes.length) return false;
    return conditions[pairs[from * nodes.length + to]!]!.rateBitsPerSecond !== undefined;
  }

  #rowsOf(length: number): number[] {
    let rows = this.#unusedRows.get(length);
    if (!rows) this.#unusedRows.set(length, (rows = []));
    return rows;
  }
}

/** Names, made different where two links in parallel bear the same one. */
function keysOf(segments: readonly Segment[]): string[] {
  const seen = new Map<string, number>();
  return segments.map(({ name }) => {
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return `${name} ${times}`;
  });
}

function hopsOf(route: Route): Hop[] {
  return route.after ? [...route.before, route.after] : route.before;
}

function sameRouting(one: Network, other: Network): boolean {
  return (
    one.nodes.length === other.nodes.length &&
    sameWords(one.up, other.up) &&
    sameWords(one.down, other.down) &&
    sameWords(one.pairPaths, other.pairPaths) &&
    sameJson(one.paths, other.paths)
  );
}

function sameWords(one: Int32Array | Uint32Array, other: Int32Array | Uint32Array): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

function sameJson(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
