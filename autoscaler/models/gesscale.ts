/**
 * Gesscale's model: MST(n) = α·n^β − γ·ND_max(n), where ND_max is the largest one-way delay between any two of the n
 * nodes and the sources. One sample gives α, two α and γ, three and more all of them. It knows neither what nodes can
 * do nor shares of keys nor state.
 */
import { robustFit } from "../math/robust-fit.ts";
import type { NetworkView } from "../network-view.ts";
import type { Configuration, JobFacts, World } from "../observation.ts";
import type { ThroughputModel } from "./model.ts";
import { MstSamples } from "./mst-samples.ts";

type Point = { readonly seats: number; readonly delayMs: number; readonly mst: number };
type Coefficients = { readonly alpha: number; readonly beta: number; readonly gamma: number };

export function gesscale({ job }: World): ThroughputModel {
  const seen = new MstSamples(job);
  /** Delays are those of the time when a sample was first taken. */
  const delays = new WeakMap<Configuration, number>();
  let fitted: (Coefficients & { deviation: number }) | undefined;
  return {
    name: "gesscale",
    observe(observation, network) {
      if (!seen.observe(observation)) return;
      const points = seen.samples.map(({ configuration, mst }): Point => {
        const delayMs = delays.get(configuration) ?? largestDelayMs(configuration, job, network);
        delays.set(configuration, delayMs);
        return { seats: configuration.seats.length, delayMs, mst };
      });
      fitted = fit(points);
    },
    predict(configuration, network) {
      if (fitted === undefined || configuration.seats.length === 0) return undefined;
      const { alpha, beta, gamma, deviation } = fitted;
      const delayMs = largestDelayMs(configuration, job, network);
      const mst = Math.max(0, mstOf(fitted, configuration.seats.length, delayMs));
      const half = 1.645 * deviation * mst;
      return { mst, low: Math.max(0, mst - half), high: mst + half, coefficients: { alpha, beta, gamma } };
    },
  };
}

const mstOf = ({ alpha, beta, gamma }: Coefficients, seats: number, delayMs: number) =>
  alpha * seats ** beta - gamma * delayMs;

/** One way, between any two of the configuration's nodes and the sources; pairs that nobody knows are left out. */
export function largestDelayMs(
  { seats }: Configuration,
  { sources }: JobFacts,
  network: NetworkView,
): number {
  const nodes = [...new Set([...seats.map(({ node }) => node), ...sources])];
  let most = 0;
  for (const [at, one] of nodes.entries())
    for (let other = 0; other < at; other++)
      most = Math.max(most, (network.pair(one, nodes[other]!)?.rttMs ?? 0) / 2);
  return most;
}

/** With few samples: how far off it says it may be. */
const deviations = [0.2, 0.15] as const;

function fit(points: readonly Point[]): Coefficients & { deviation: number } {
  const [first] = points;
  if (points.length === 1) {
    return { alpha: first!.mst / first!.seats, beta: 1, gamma: 0, deviation: deviations[0] };
  }
  const each = points.map(({ seats, mst }) => mst / seats).sort((one, other) => one - other);
  const alpha = each[Math.floor(each.length / 2)]!;
  const delayMost = Math.max(...points.map(({ delayMs }) => delayMs), 1e-3);
  // In units of what was seen, so that all three are near 1; beliefs so weak that they only decide what samples cannot.
  const isWhole = points.length >= 3;
  const priors = [
    { start: 1, deviation: 10, low: 0.01, high: 100 },
    { start: 1, deviation: isWhole ? 1 : 1e-6, low: isWhole ? 0 : 1, high: isWhole ? 2 : 1 },
    { start: 0, deviation: 10, low: 0, high: 100 },
  ];
  const coefficients = ([scale, beta, loss]: readonly number[]): Coefficients => ({
    alpha: scale! * alpha,
    beta: beta!,
    gamma: (loss! * alpha) / delayMost,
  });
  const misfits = (values: readonly number[]) =>
    points.map(({ seats, delayMs, mst }) => ({
      error: (mst - mstOf(coefficients(values), seats, delayMs)) / mst,
      deviation: 0.03,
    }));
  const { values } = robustFit(priors, misfits);
  const good = misfits(values)
    .map(({ error }) => Math.abs(error))
    .sort((one, other) => one - other);
  const spread = isWhole ? Math.max(0.03, 1.4826 * good[Math.floor(good.length / 2)]!) : deviations[1];
  return { ...coefficients(values), deviation: spread };
}
