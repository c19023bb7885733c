/** Histograms of latency as `latency.jsonl` holds them: added, subtracted, and read at any quantile to within 1 %. */
import type { HistogramRecord, LatencyLine } from "./lines.ts";

/** docs/records.md: bucket b > 0 holds from 0.001 · 1.02^(b - 1) ms up to a 1.02th more. */
const leastMs = 0.001;
const growth = 1.02;

export type Counts = {
  count: number;
  sumMs: number;
  /** Infinite where not known; quantiles are held between the two. */
  minMs: number;
  maxMs: number;
  buckets: Map<number, number>;
};

export function countsOf(record: HistogramRecord): Counts {
  return {
    count: record.count,
    sumMs: record.sumMs ?? 0,
    minMs: record.minMs ?? 0,
    maxMs: record.maxMs ?? Number.POSITIVE_INFINITY,
    buckets: new Map(record.buckets),
  };
}

export function sum(all: readonly Counts[]): Counts {
  const buckets = new Map<number, number>();
  for (const each of all)
    for (const [bucket, count] of each.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  return {
    count: all.reduce((total, { count }) => total + count, 0),
    sumMs: all.reduce((total, { sumMs }) => total + sumMs, 0),
    minMs: Math.min(...all.map(({ minMs }) => minMs)),
    maxMs: Math.max(...all.map(({ maxMs }) => maxMs)),
    buckets,
  };
}

/** What came between two readings; the extremes of that part alone nobody knows. */
function since(before: Counts, after: Counts): Counts {
  const buckets = new Map<number, number>();
  let count = 0;
  for (const [bucket, total] of after.buckets) {
    const more = total - (before.buckets.get(bucket) ?? 0);
    if (more <= 0) continue;
    buckets.set(bucket, more);
    count += more;
  }
  return { count, sumMs: after.sumMs - before.sumMs, minMs: after.minMs, maxMs: after.maxMs, buckets };
}

/** The duration that a share of all, from 0 to 1, did not exceed; undefined of nothing. */
export function quantile({ buckets, minMs, maxMs }: Counts, share: number): number | undefined {
  const sorted = [...buckets].sort(([one], [other]) => one - other);
  const total = sorted.reduce((all, [, count]) => all + count, 0);
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen < rank) continue;
    const middle = bucket <= 0 ? 0 : leastMs * growth ** (bucket - 0.5);
    return Math.min(maxMs, Math.max(minMs, middle));
  }
  return maxMs;
}

/** All of a run: the last reading of each attempt. */
export function wholeRun(lines: readonly LatencyLine[]): { attempt: number; counts: Counts }[] {
  const last = new Map(lines.map((line) => [line.attempt, line.latency]));
  return [...last].map(([attempt, latency]) => ({ attempt, counts: countsOf(latency) }));
}

/** What each reading adds to the one before it in the same attempt. */
export function overTime(
  lines: readonly LatencyLine[],
): { t: number; fromT: number; attempt: number; counts: Counts }[] {
  let before: { t: number; attempt: number; counts: Counts } | undefined;
  return lines.map(({ t, attempt, latency }) => {
    const counts = countsOf(latency);
    const isSame = before?.attempt === attempt && before.counts.count <= counts.count;
    const part = {
      t,
      fromT: before?.t ?? 0,
      attempt,
      counts: isSame && before ? since(before.counts, counts) : counts,
    };
    before = { t, attempt, counts };
    return part;
  });
}
