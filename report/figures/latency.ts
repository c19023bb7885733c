/** How long records took: quantiles of the whole run and of each attempt, and how they changed over time. */
import { overTime, quantile, sum, wholeRun } from "../record/histogram.ts";
import type { Run } from "../record/read-run.ts";

export const namedShares = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;
export type NamedQuantiles = Partial<Record<keyof typeof namedShares, number>>;

export type LatencyCurve = {
  attempt: number;
  parallelism?: number;
  count: number;
  meanMs: number;
  quantiles: NamedQuantiles;
  /** Up to the last quantile that so many records can tell. */
  curve: { share: number; ms: number }[];
};

export type Latency = {
  count: number;
  quantiles: NamedQuantiles;
  attempts: LatencyCurve[];
  overTime: ({ fromT: number; t: number; count: number } & NamedQuantiles)[];
};

/** Undefined where none was measured. */
export function latencyOf(run: Run): Latency | undefined {
  const attempts = wholeRun(run.latencies).filter(({ counts }) => counts.count > 0);
  if (attempts.length === 0) return undefined;
  const all = sum(attempts.map(({ counts }) => counts));
  return {
    count: all.count,
    quantiles: named(all),
    attempts: attempts.map(({ attempt, counts }) => {
      const parallelism = run.metrics.findLast((line) => line.attempt === attempt)?.parallelism;
      return {
        attempt,
        ...(parallelism === undefined ? {} : { parallelism }),
        count: counts.count,
        meanMs: counts.sumMs / counts.count,
        quantiles: named(counts),
        curve: curve(counts),
      };
    }),
    overTime: overTime(run.latencies)
      .filter(({ counts }) => counts.count > 0)
      .map(({ t, fromT, counts }) => ({ fromT, t, count: counts.count, ...named(counts) })),
  };
}

function named(counts: Parameters<typeof quantile>[0]): NamedQuantiles {
  const told = Object.entries(namedShares).flatMap(([name, share]) => {
    const ms = quantile(counts, share);
    return ms === undefined ? [] : [[name, ms]];
  });
  return Object.fromEntries(told) as NamedQuantiles;
}

/** Even steps of the number of nines: 0, 50 %, …, 90 %, …, 99 %. */
function curve(counts: Parameters<typeof quantile>[0]): { share: number; ms: number }[] {
  const nines = Math.log10(counts.count);
  return Array.from({ length: Math.floor(nines * 12) + 1 }, (_, step) => {
    const share = 1 - 10 ** (-step / 12);
    return { share, ms: quantile(counts, share) ?? 0 };
  });
}
