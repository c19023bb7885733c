/**
 * What a verification will do: which couples of nodes are probed how often, which pairs carry a transfer and when.
 * Pure: one seed makes the same plan again.
 */
import type { Network } from "#testbed/network/conditions.ts";
import { seededRandom } from "#testbed/seeded-random.ts";
import { type Asked, askedOf } from "./asked.ts";
import { planProbes } from "./probe-counts.ts";
import { probeBytes } from "./probe-size.ts";
import type { CoupleJob, TrainJob } from "./prober/job.ts";
import { type Couple, type Coverage, coverageOf, sampleCouples } from "./sample-couples.ts";
import { mostBitsPerSecond, scheduleTrains, trainFor, type WaitingTrain, type Way } from "./trains.ts";

export type MeasurementChoice = {
  /** Ordered pairs to measure at most; both directions of a couple count. */
  pairs: number;
  seed: number;
  /** How long to probe; chosen by what is asked when absent. */
  windowMs?: number;
  /** Transfers that would end later are left out. */
  transfersMs: number;
  ipv6: boolean;
  mtuBytes: number;
  /** See trainFor; none when absent. */
  burstMs?: number;
  /** By node, how many probes a second its prober can send and take: see prober/rehearsal.ts. Others are fast enough. */
  turnsPerSecond?: ReadonlyMap<number, number>;
};

export type PlannedTrain = { from: number; to: number } & (
  | { index: number }
  | { index: undefined; why: string }
);

export type MeasurementPlan = {
  /** Of the network's node numbers; `asked` for a to b and for b to a. */
  couples: { a: number; b: number; forward: Asked; back: Asked }[];
  /** For the prober: as many as `couples`, in their order, then the sample over IPv6. */
  coupleJobs: CoupleJob[];
  /** Of the couple that each job over IPv6 belongs to. */
  ipv6Couples: number[];
  trainJobs: TrainJob[];
  /** Every planned pair with a rate: its number in `trainJobs`, or why it has none. */
  trains: PlannedTrain[];
  windowMs: number;
  transfersMs: number;
  patienceMs: number;
  coverage: Coverage;
};

const ipv6Couples = 10;
const ipv6Probes = 25;

export function planMeasurement(
  network: Network,
  reachable: readonly number[],
  choice: MeasurementChoice,
): MeasurementPlan {
  const random = seededRandom(choice.seed);
  const all = couplesOf(network, reachable);
  const chosen = sampleCouples(all, Math.max(1, Math.floor(choice.pairs / 2)), random);
  const rates = new Rates(network);
  const couples = chosen.map(({ a, b }) => ({
    a,
    b,
    forward: asked(network, a, b),
    back: asked(network, b, a),
  }));
  const slow = [...(choice.turnsPerSecond ?? [])];
  const probed = couples.map(({ a, b, forward, back }) => {
    const ways = [rates.wayOf(a, b), rates.wayOf(b, a)];
    const numbers = ways.flatMap(({ beforeDelay, afterDelay }) => [...beforeDelay, ...afterDelay]);
    const slowOnes = [...slow.keys()].filter((index) => slow[index]![0] === a || slow[index]![0] === b);
    return { forward, back, rates: [...new Set(numbers)], slow: slowOnes };
  });
  const paces = slow.map(([, turns]) => turns);
  const { windowMs, counts } = planProbes(probed, rates.bitsPerSecond, choice.windowMs, paces);
  const sampled6 = choice.ipv6 ? spreadOver(ipv6Able(couples, counts), ipv6Couples) : [];
  const { trainJobs, trains, transfersMs } = planTrains(network, couples, rates, choice);
  return {
    couples,
    coupleJobs: [
      ...couples.map(({ a, b }, index): CoupleJob => ({ a, b, family: 4, count: counts[index]! })),
      ...sampled6.map((index): CoupleJob => {
        const { a, b } = couples[index]!;
        return { a, b, family: 6, count: ipv6Probes };
      }),
    ],
    ipv6Couples: sampled6,
    trainJobs,
    trains,
    windowMs,
    transfersMs,
    patienceMs: Math.max(0, ...couples.flatMap(({ forward, back }) => [longestMs(forward), longestMs(back)])),
    coverage: coverageOf(all, chosen),
  };
}

function asked(network: Network, from: number, to: number): Asked {
  const conditions = network.conditions[network.pairs[from * network.nodes.length + to]!]!;
  return askedOf(network, from, to, conditions);
}

/** The jitter's tail included, and a queue of probes that met by chance. */
function longestMs({ delayMs, jitter, serialisationMsPerByte }: Asked): number {
  return delayMs + 8 * (jitter?.spreadMs ?? 0) + 10 * serialisationMsPerByte * probeBytes(6);
}

function couplesOf(network: Network, reachable: readonly number[]): Couple[] {
  const size = network.nodes.length;
  const numbers = new Map<string, number>();
  const setOf = (from: number, to: number): number => {
    const pair = from * size + to;
    const rate = (segment: number) => network.segments[segment]?.rateBitsPerSecond;
    const [up, down] = [rate(network.up[from]!), rate(network.down[to]!)];
    const key = `${network.pairs[pair]} ${network.pairPaths[pair]} ${up} ${down}`;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  return reachable.flatMap((a, index) =>
    reachable.slice(index + 1).map((b) => ({ a, b, forward: setOf(a, b), back: setOf(b, a) })),
  );
}

/** Those with a direction that is not cut, and with room on their links for a few more probes. */
function ipv6Able(couples: MeasurementPlan["couples"], counts: readonly number[]): number[] {
  return couples.flatMap(({ forward, back }, index) =>
    (forward.cut && back.cut) || counts[index]! < 2 * ipv6Probes ? [] : [index],
  );
}

function spreadOver(indexes: readonly number[], most: number): number[] {
  const take = Math.min(most, indexes.length);
  return Array.from({ length: take }, (_, place) => indexes[Math.floor((place * indexes.length) / take)]!);
}

/** All rates of the network under one numbering: the shared ones, then each pair's own as it comes up. */
class Rates {
  readonly bitsPerSecond: number[];
  readonly #network: Network;
  readonly #own = new Map<number, number>();

  constructor(network: Network) {
    this.#network = network;
    this.bitsPerSecond = network.segments.map(({ rateBitsPerSecond }) => rateBitsPerSecond);
  }

  wayOf(from: number, to: number): Way {
    const { nodes, up, down, paths, pairPaths } = this.#network;
    const pair = from * nodes.length + to;
    const path = paths[pairPaths[pair]!] ?? [];
    const before = [up[from]!, ...path, this.#ownOf(pair)].filter((rate) => rate >= 0);
    const after = [down[to]!].filter((rate) => rate >= 0);
    return { beforeDelay: before, afterDelay: after };
  }

  #ownOf(pair: number): number {
    const known = this.#own.get(pair);
    if (known !== undefined) return known;
    const { conditions, pairs } = this.#network;
    const rate = conditions[pairs[pair]!]!.rateBitsPerSecond;
    const number = rate === undefined ? -1 : this.bitsPerSecond.push(rate) - 1;
    this.#own.set(pair, number);
    return number;
  }
}

function planTrains(
  network: Network,
  couples: MeasurementPlan["couples"],
  rates: Rates,
  { mtuBytes, transfersMs, burstMs = 0 }: MeasurementChoice,
): Pick<MeasurementPlan, "trainJobs" | "trains" | "transfersMs"> {
  const size = network.nodes.length;
  const pairs = couples.flatMap(({ a, b, forward, back }) => [
    { from: a, to: b, asked: forward },
    { from: b, to: a, asked: back },
  ]);
  const rated = pairs.filter(({ asked }) => asked.rateBitsPerSecond !== undefined && !asked.cut);
  const testable = rated.filter(({ asked }) => asked.rateBitsPerSecond! <= mostBitsPerSecond);
  // One that goes round the ring of nodes after the other: neighbours in this order share no node.
  const turn = ({ from, to }: { from: number; to: number }) => ((to - from + size) % size) * size + from;
  testable.sort((one, other) => turn(one) - turn(other));
  const waiting = testable.map(
    ({ from, to, asked }): WaitingTrain => ({
      train: trainFor(asked, mtuBytes, burstMs),
      asked,
      way: rates.wayOf(from, to),
    }),
  );
  const { startMs, lengthMs } = scheduleTrains(waiting, rates.bitsPerSecond.length, transfersMs);
  const trainJobs: TrainJob[] = [];
  const trains = testable.map(({ from, to }, index): PlannedTrain => {
    const start = startMs[index];
    if (start === undefined)
      return { from, to, index: undefined, why: "no time left for its transfer; see --all" };
    trainJobs.push({ ...waiting[index]!.train, from, to, startMs: start });
    return { from, to, index: trainJobs.length - 1 };
  });
  const tooFast = rated.filter(({ asked }) => asked.rateBitsPerSecond! > mostBitsPerSecond);
  const why = `faster than a transfer of ${mostBitsPerSecond / 1e6} Mbit/s can show`;
  trains.push(...tooFast.map(({ from, to }): PlannedTrain => ({ from, to, index: undefined, why })));
  return { trainJobs, trains, transfersMs: trainJobs.length > 0 ? lengthMs : 0 };
}
