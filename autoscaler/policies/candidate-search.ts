/**
 * Which nodes, and how many: candidates are the first k nodes in the order of what each can carry, so there is one for
 * each k, and the search asks the model for some dozens of them however many nodes there are.
 */
import type { Prediction } from "../models/model.ts";
import type { Configuration } from "../observation.ts";
import { farthestMs } from "./nearness.ts";
import type { PolicyInput } from "./policy.ts";
import { evenly, seatsInOrder, weighted } from "./seats.ts";
import { capacityShares, carries, type Shares } from "./shares.ts";

export type Candidate = { readonly configuration: Configuration; readonly predicted: Prediction };

/** Up to so many are all tried; beyond, what the model says is taken to rise to one peak and to fall after it. */
const allTried = 24;
/** Nodes that differ by less are alike: the nearer one first. */
const alike = 0.05;

const manySeats = 64;
/** A seat whose share is a smaller part of an even one is left out. */
const leastOfEven = 0.1;

export class CandidateSearch {
  readonly #input: PolicyInput;
  readonly #shares: Shares;
  readonly #totalPerSecond: number;
  readonly #seats: readonly string[];
  readonly #known = new Map<number, Candidate | undefined>();

  /** `totalPerSecond`: what the job is to take, which weights costs that grow with the rate. */
  constructor(input: PolicyInput, shares: Shares, totalPerSecond: number) {
    this.#input = input;
    this.#shares = shares;
    this.#totalPerSecond = totalPerSecond;
    this.#seats = strongestFirst(input, totalPerSecond);
  }

  get most(): number {
    return Math.min(this.#input.bounds.max, this.#seats.length);
  }

  get least(): number {
    return Math.min(this.most, Math.max(1, this.#input.bounds.min));
  }

  /** Undefined where the model cannot say. */
  of(parallelism: number): Candidate | undefined {
    const known = this.#known.get(parallelism);
    if (known !== undefined || this.#known.has(parallelism)) return known;
    const seats = this.#seats.slice(0, parallelism);
    const configuration = this.#shares === "even" ? evenly(seats) : this.#byCapacity(seats);
    const predicted = this.#input.predict(configuration);
    const candidate = predicted && { configuration, predicted };
    this.#known.set(parallelism, candidate);
    return candidate;
  }

  /** With the fewest seats of those that will do. */
  fewest(
    willDo: (candidate: Candidate) => boolean,
    from = this.least,
    to = this.most,
  ): Candidate | undefined {
    const does = (parallelism: number) => {
      const candidate = this.of(parallelism);
      return candidate !== undefined && willDo(candidate);
    };
    if (to - from < allTried) {
      for (let parallelism = from; parallelism <= to; parallelism++)
        if (does(parallelism)) return this.of(parallelism);
      return undefined;
    }
    let [short, enough] = [from - 1, from];
    for (let stride = 1; !does(enough); stride *= 2) {
      if (enough === to) return undefined;
      [short, enough] = [enough, Math.min(to, enough + stride)];
    }
    while (enough - short > 1) {
      const middle = (short + enough) >> 1;
      if (does(middle)) enough = middle;
      else short = middle;
    }
    return this.of(enough);
  }

  /** The one that carries most; of those that carry about as much, the one with the fewest seats. */
  best(from = this.least, to = this.most): Candidate | undefined {
    if (from > to) return undefined;
    const stride = Math.max(1, Math.floor((to - from) / allTried));
    let top = from;
    for (let parallelism = from; ; parallelism = Math.min(to, parallelism + stride)) {
      if (this.#better(parallelism, top)) top = parallelism;
      if (parallelism === to) break;
    }
    for (let reach = stride >> 1; reach >= 1; reach >>= 1) {
      for (const parallelism of [top - reach, top + reach]) {
        if (parallelism >= from && parallelism <= to && this.#better(parallelism, top)) top = parallelism;
      }
    }
    return this.of(top);
  }

  #better(one: number, other: number): boolean {
    return (this.of(one)?.predicted.mst ?? 0) > 1.005 * (this.of(other)?.predicted.mst ?? 0);
  }

  #byCapacity(seats: readonly string[]): Configuration {
    const { seats: all } = this.#shared(seats);
    // A seat with next to no key groups takes a node and carries nothing.
    const worth = all.filter(({ share }) => share * all.length >= leastOfEven);
    const sum = worth.reduce((total, { share }) => total + share, 0);
    return { seats: worth.map(({ node, share }) => ({ node, share: share / sum })) };
  }

  /** Among very many, what each carries hardly depends on what the others do: one question instead of dozens. */
  #shared(seats: readonly string[]): Configuration {
    if (seats.length > manySeats) {
      const told = this.#input.capacities?.(seats, this.#totalPerSecond);
      if (told !== undefined) return weighted(seats, told);
    }
    return this.#input.share?.(seats) ?? capacityShares(seats, this.#input);
  }
}

/** Seats by what their nodes can carry; those of which the model cannot say come last, near ones first. */
function strongestFirst(input: PolicyInput, totalPerSecond: number): string[] {
  const { world, network } = input;
  const names = world.nodes.map(({ name }) => name);
  const told = input.capacities?.(names, totalPerSecond);
  const sources = new Set(world.job.sources);
  const weighed = world.nodes.map((node, index) => {
    const capacity = told === undefined ? carries(node.name, input)?.mst : told[index];
    const strength =
      capacity !== undefined && capacity > 0 ? Math.log(capacity) / Math.log1p(alike) : -Infinity;
    return { node, strength: Math.round(strength), farMs: farthestMs(node.name, sources, network) };
  });
  weighed.sort((one, other) => {
    if (one.strength !== other.strength) return other.strength - one.strength;
    return one.farMs === other.farMs ? 0 : one.farMs - other.farMs;
  });
  return seatsInOrder(weighed.map(({ node }) => node));
}
