/** Nodes that measure each other in turn, in a world that a test changes as it goes: paths move, nodes come and go. */
import { seeded } from "../plant/random.ts";
import type { Coordinate, CoordinateAlgorithm, Estimate } from "./algorithm.ts";
import type { RttMatrix } from "./rtt-matrix.ts";

type RttMs = (one: number, other: number) => number;

export class Group {
  /** What a measurement between two gives; a test may put another in its place. */
  rttMs: RttMs;
  readonly #algorithm: CoordinateAlgorithm;
  readonly #random: () => number;
  readonly #members = new Map<number, { coordinate: Coordinate; round: number[] }>();
  #nowMs = 0;

  constructor(algorithm: CoordinateAlgorithm, size: number, rttMs: RttMs, seed: number) {
    this.#algorithm = algorithm;
    this.#random = seeded(seed).uniform;
    this.rttMs = rttMs;
    for (let node = 0; node < size; node++) this.join(node);
  }

  static of(algorithm: CoordinateAlgorithm, matrix: RttMatrix, seed: number): Group {
    return new Group(algorithm, matrix.size, (one, other) => matrix.rttMs(one, other), seed);
  }

  join(node: number): void {
    this.#members.set(node, { coordinate: this.#algorithm.create(`n${node}`, this.#random), round: [] });
  }

  leave(node: number): void {
    this.#members.delete(node);
    for (const member of this.#members.values()) {
      member.coordinate.forget(`n${node}`);
      member.round = member.round.filter((each) => each !== node);
    }
  }

  of(node: number): Coordinate {
    return this.#members.get(node)!.coordinate;
  }

  nodes(): number[] {
    return [...this.#members.keys()];
  }

  /** So many samples for every node. */
  turns(count: number): void {
    for (let turn = 0; turn < count; turn++) for (const node of this.nodes()) this.probe(node);
  }

  /** One sample for one node, of each peer once a round; the probe carries its advert, the answer the peer's. */
  probe(node: number): void {
    const member = this.#members.get(node)!;
    if (member.round.length === 0) member.round = this.nodes().filter((each) => each !== node);
    const [peer] = member.round.splice(Math.floor(this.#random() * member.round.length), 1);
    if (peer === undefined) return;
    this.#nowMs += 10;
    this.of(peer).hear?.(`n${node}`, member.coordinate.advert(), this.#nowMs);
    member.coordinate.observe(`n${peer}`, this.of(peer).advert(), this.rttMs(node, peer), this.#nowMs);
  }

  estimate(one: number, other: number): Estimate {
    return this.#algorithm.estimate(this.of(one).advert(), this.of(other).advert());
  }

  /** Largest of the pairs' errors against `truthMs`; differences up to `floorMs` do not count. */
  worst(truthMs: RttMs = this.rttMs, floorMs = 1): number {
    const pairs = this.nodes().flatMap((one) => this.nodes().map((other): [number, number] => [one, other]));
    const errors = pairs
      .filter(([one, other]) => one < other)
      .map(([one, other]) => {
        const offMs = Math.abs(this.estimate(one, other).rttMs - truthMs(one, other));
        return Math.max(0, offMs - floorMs) / truthMs(one, other);
      });
    return Math.max(...errors);
  }
}
