/** What a jitter asks for, worked out once: its table, its size in nanoseconds, and the epochs it needs. */
import type { Jitter } from "#testbed/network/conditions.ts";
import {
  momentsOf,
  normalQuantiles,
  paretoQuantiles,
  quantileSteps,
  standardise,
  traceQuantiles,
  uniformQuantiles,
} from "./quantiles.ts";

export type JitterShape = {
  /** Distinguishes shapes, so that a pair whose delay alone changes goes on with the process it has. */
  key: string;
  /** Standardised quantiles. */
  table: Float64Array;
  /** Mean of the deviations: 0 but for a trace that is off centre. */
  meanNs: number;
  /** Standard deviation. */
  spreadNs: number;
  /** Mean length of an epoch of the in-order process. */
  epochNs: number;
  /** By how much the levels of the in-order process exceed the spread, to make up for what its ramps level out. */
  stretch: number;
};

/**
 * Epochs of 4.5 standard deviations: short, so that ten seconds hold many levels (some 200 for 10 ms), yet the
 * ramps between levels (0.56 standard deviations of time per epoch, on average, for the normal shape) stay an
 * eighth of it. Found by simulation, see docs/decisions/in-order-jitter.md.
 */
const epochSpreads = 4.5;
/** Epochs vary by a tenth either way, so that probes at a fixed interval do not lock on to them. */
export const epochVariation = 0.1;
/** Share of the variance that ramps may take; a shape of long tails gets longer epochs instead. */
const rampShareMax = 0.2;

export function jitterShape(jitter: Jitter): JitterShape | undefined {
  const { meanNs, spreadNs, table } = measured(jitter);
  if (spreadNs === 0) return undefined;
  const thirdMoment = fallsCubed(table);
  const range = table[quantileSteps]! - table[0]!;
  // Ramps reach half a fall into the epochs on both sides, and must not meet in the middle of a short one.
  const epochSpans = Math.max(
    epochSpreads,
    thirdMoment / (6 * rampShareMax),
    (0.55 * range) / (1 - epochVariation),
  );
  return {
    key: `${jitter.distribution} ${meanNs} ${spreadNs} ${table[0]} ${table[quantileSteps >> 1]}`,
    table,
    meanNs,
    spreadNs,
    epochNs: epochSpans * spreadNs,
    stretch: stretchFor(thirdMoment / (6 * epochSpans)),
  };
}

function measured(jitter: Jitter): Pick<JitterShape, "meanNs" | "spreadNs" | "table"> {
  const spreadNs = jitter.spreadMs * 1e6;
  switch (jitter.distribution) {
    case "normal":
      return { meanNs: 0, spreadNs, table: (normal ??= normalQuantiles()) };
    case "uniform":
      // Its spread is the half-width.
      return { meanNs: 0, spreadNs: spreadNs / Math.sqrt(3), table: (uniform ??= uniformQuantiles()) };
    case "pareto":
      return { meanNs: 0, spreadNs, table: (pareto ??= paretoQuantiles()) };
    case "trace": {
      const offsetsMs = jitter.offsetsMs ?? [];
      if (offsetsMs.length === 0) throw new Error("a jitter of distribution trace has no offsetsMs");
      const table = traceQuantiles(offsetsMs);
      const { mean, spread } = momentsOf(table);
      const flat = spread < 1e-9;
      return {
        meanNs: mean * 1e6,
        spreadNs: flat ? 0 : spread * 1e6,
        table: flat ? table : standardise(table),
      };
    }
  }
}

let normal: Float64Array | undefined;
let uniform: Float64Array | undefined;
let pareto: Float64Array | undefined;

/** E[(X - Y)^3 where X > Y] of two independent draws: a fall of D takes D^3/6 from an epoch's variance integral. */
function fallsCubed(table: Float64Array): number {
  const every = 8;
  let sum = 0;
  let pairs = 0;
  for (let high = every / 2; high < quantileSteps; high += every) {
    for (let low = every / 2; low < quantileSteps; low += every) {
      pairs++;
      if (low < high) sum += (table[high]! - table[low]!) ** 3;
    }
  }
  return sum / pairs;
}

/** Solves s^2 - share * s^3 = 1: levels s times as far apart have, ramps included, the variance asked for. */
function stretchFor(share: number): number {
  let stretch = 1;
  for (let round = 0; round < 60; round++) stretch = Math.sqrt(1 + share * stretch ** 3);
  return stretch;
}
