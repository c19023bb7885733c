/**
 * The words for what an ordered pair of nodes feels. Plain data: a topology file resolves to it, events lay
 * more of it on top, and a fabric (wire or netem) puts it in force.
 */

/**
 * Variation of the delay around its mean. `spreadMs` is the standard deviation of `normal` and `pareto`
 * and the half-width of `uniform`; `trace` takes its shape from measured values instead.
 */
export type Jitter = {
  spreadMs: number;
  distribution: "normal" | "uniform" | "pareto" | "trace";
  /** False: packets of a pair keep their order, as on a real path. True: each packet draws for itself. */
  reorder: boolean;
  /** Sorted deviations from the mean, for `trace` alone. */
  offsetsMs?: readonly number[];
};

/** `bursts` is the Gilbert–Elliott chain: per packet, `enter` good→bad, `leave` bad→good. */
export type Loss =
  | { model: "random"; ratio: number }
  | { model: "bursts"; enter: number; leave: number; lossGood: number; lossBad: number };

/** Where packets wait for a rate. Without `limitBytes` the limit follows from rate and delay. */
export type Queue = { limitBytes?: number; discipline: "drop-tail" | "codel"; ecn: boolean };

/** All that one ordered pair feels. One-way. An absent member means: nothing asked. */
export type Conditions = {
  delayMs: number;
  jitter?: Jitter;
  loss?: Loss;
  duplicateRatio?: number;
  corruptRatio?: number;
  rateBitsPerSecond?: number;
  queue?: Queue;
  mtuBytes?: number;
  /** A partition: every packet is dropped and counted as cut. */
  cut?: boolean;
};

/** A rule sets some of the properties. `addDelayMs` adds to the delay in force below it ("+30ms"). */
export type ConditionChange = Partial<Conditions> & { addDelayMs?: number };

/** One line of `network.pairs`: from each of `from` to each of `to`; later rules win per property. */
export type PairRule = { from: readonly string[]; to: readonly string[]; change: ConditionChange };

/** A rate that several pairs share: a node's up or down link, or one direction of a link of a graph. */
export type Segment = { name: string; rateBitsPerSecond: number; queue?: Queue };

/**
 * The whole network, indexed by node number. `conditions` holds each distinct set once: a lab of 500 nodes
 * has 249,500 pairs and usually a handful of sets.
 */
export type Network = {
  nodes: readonly string[];
  segments: readonly Segment[];
  /** Node → segment of its up link and its down link, or -1. */
  up: Int32Array;
  down: Int32Array;
  conditions: readonly Conditions[];
  /** `pairs[from * nodes.length + to]` is an index into `conditions`. */
  pairs: Uint32Array;
  /** Distinct lists of shared segments between up and down link (multi-hop links); entry 0 is the empty list. */
  paths: readonly (readonly number[])[];
  /** `pairPaths[from * nodes.length + to]` is an index into `paths`. */
  pairPaths: Uint32Array;
};
