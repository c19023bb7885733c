/**
 * What a group of agents believes together: every pair's round trip, as estimated from coordinates, and as measured where
 * one of the two measured it lately. Both directions of a pair are one, since a round trip has both ways in it.
 */
import type { NetworkTable, PairBelief } from "../network-view.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import type { AgentReport } from "./agent-core.ts";
import type { Filtered } from "./agent-window.ts";
import type { Advert, CoordinateAlgorithm } from "./algorithm.ts";

export type PairFigures = {
  readonly from: string;
  readonly to: string;
  readonly estimated?: PairBelief;
  /** With how many samples it rests on. */
  readonly measured?: PairBelief & { readonly samples: number };
};

/** As the reports say it: the agent's own word, and when it came. */
type Said = { advert: Advert; atMs: number };
type Pair = { readonly nodes: readonly [string, string]; readonly byDirection: Map<string, Filtered> };

/** A measurement older than this says less than the coordinates, which every probe of the two keeps moving. */
const freshMs = 60_000;
/** Of this part of itself a measured round trip is never surer: what holds for probes holds for records about so well. */
const leastDoubtRatio = 0.01;
const leastDoubtMs = 0.02;
const samplesToTrust = 3;
const spike = { ratio: 1.5, leastMs: 2 };

export class Beliefs {
  readonly #algorithm: Pick<CoordinateAlgorithm, "estimate">;
  readonly #said = new Map<string, Said>();
  readonly #pairs = new Map<string, Pair>();

  constructor(algorithm: Pick<CoordinateAlgorithm, "estimate">) {
    this.#algorithm = algorithm;
  }

  /** All times are on one clock, which the agents share. */
  heard(node: string, report: Pick<AgentReport, "advert" | "measured">, nowMs: number): void {
    this.#said.set(node, { advert: report.advert, atMs: nowMs });
    for (const { peer, ...filtered } of report.measured) {
      const key = keyOf(node, peer);
      const pair = this.#pairs.get(key) ?? { nodes: [node, peer], byDirection: new Map() };
      pair.byDirection.set(node, filtered);
      this.#pairs.set(key, pair);
    }
  }

  /** Crashed, or not of the group any more. */
  forget(node: string): void {
    this.#said.delete(node);
    for (const [key, { nodes }] of this.#pairs) if (nodes.includes(node)) this.#pairs.delete(key);
  }

  figures(from: string, to: string, nowMs: number): PairFigures {
    const [one, other] = [this.#said.get(from), this.#said.get(to)];
    const estimated = one && other && this.#algorithm.estimate(one.advert, other.advert);
    const measured = this.#measured(from, to, nowMs);
    return { from, to, ...(estimated && { estimated }), ...(measured && { measured }) };
  }

  /** Measured where that is fresh and else estimated; or estimates alone, to judge them. */
  table(nodes: readonly string[], nowMs: number, which: "best" | "estimated"): NetworkTable {
    const pairs = new PairBeliefs(nodes.length);
    nodes.forEach((from, row) => {
      for (let column = row + 1; column < nodes.length; column++) {
        const figures = this.figures(from, nodes[column]!, nowMs);
        const belief = which === "best" ? best(figures) : figures.estimated;
        if (belief) pairs.set(row, column, belief);
      }
    });
    return { nodes, pairs, up: {}, down: {} };
  }

  #measured(one: string, other: string, nowMs: number): PairFigures["measured"] {
    const pair = this.#pairs.get(keyOf(one, other));
    const fresh = [...(pair?.byDirection.values() ?? [])].filter(({ atMs }) => nowMs - atMs <= freshMs);
    const newest = fresh.toSorted((a, b) => b.atMs - a.atMs)[0];
    if (newest === undefined) return undefined;
    // The path has moved since the older one: it saw another path.
    const agreeing = fresh.filter((each) => each === newest || overlap(each, newest));
    const samples = agreeing.reduce((sum, each) => sum + each.samples, 0);
    const rttMs = agreeing.reduce((sum, each) => sum + each.rttMs * each.samples, 0) / samples;
    const halfMs = Math.sqrt(
      agreeing.reduce(
        (sum, each) => sum + ((each.samples / samples) * ((each.highMs - each.lowMs) / 2)) ** 2,
        0,
      ),
    );
    const doubtMs = Math.max(leastDoubtMs, leastDoubtRatio * rttMs, halfMs);
    return { rttMs, lowMs: Math.max(0, rttMs - doubtMs), highMs: rttMs + doubtMs, samples };
  }
}

/** A few samples far above the estimate may be a moment's queue: estimates are seldom so wrong. */
function best({ estimated, measured }: PairFigures): PairBelief | undefined {
  if (measured === undefined || estimated === undefined) return measured ?? estimated;
  const { samples, ...believed } = measured;
  const isLikely = measured.rttMs <= spike.ratio * estimated.highMs + spike.leastMs;
  if (samples >= samplesToTrust || isLikely) return believed;
  return { ...estimated, highMs: measured.highMs };
}

const keyOf = (one: string, other: string) => JSON.stringify(one < other ? [one, other] : [other, one]);

/** Twice as wide as they say, since each holds the truth in 80 of 100 cases only. */
function overlap(one: Filtered, other: Filtered): boolean {
  const halves = (one.highMs - one.lowMs + other.highMs - other.lowMs) / 2;
  return Math.abs(one.rttMs - other.rttMs) <= 2 * halves + leastDoubtRatio * other.rttMs + leastDoubtMs;
}
