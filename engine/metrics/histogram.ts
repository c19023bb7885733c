/**
 * Counts of durations in buckets whose width is 2 % of what they hold: fixed memory whatever is recorded, any percentile
 * to within 1 %, and histograms of several subtasks can be added.
 */
export type HistogramJson = {
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  /** Pairs of bucket and count, of those that are not empty. Bucket b > 0 holds from `leastMs · 1.02^(b - 1)` on. */
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
};

/** What is less counts as nothing: clocks say no more. */
export const leastMs = 0.001;
const growth = 1.02;
/** Up to 10^8 ms, more than a day; what is longer goes into the last one. */
const bucketCount = 2 + Math.ceil(Math.log(1e8 / leastMs) / Math.log(growth));
const inverseLogGrowth = 1 / Math.log(growth);

export class Histogram {
  readonly #counts = new Float64Array(bucketCount);
  count = 0;
  sumMs = 0;
  minMs = Number.POSITIVE_INFINITY;
  maxMs = Number.NEGATIVE_INFINITY;

  record(durationMs: number, times = 1): void {
    // Clocks of two machines differ: what seems to have taken less than nothing took nothing.
    const ms = Math.max(durationMs, 0);
    this.#counts[bucketOf(ms)]! += times;
    this.count += times;
    this.sumMs += ms * times;
    if (ms < this.minMs) this.minMs = ms;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  merge(other: Histogram): void {
    for (let bucket = 0; bucket < bucketCount; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
    this.count += other.count;
    this.sumMs += other.sumMs;
    this.minMs = Math.min(this.minMs, other.minMs);
    this.maxMs = Math.max(this.maxMs, other.maxMs);
  }

  /** The duration that a share of all, from 0 to 1, did not exceed; NaN of nothing. */
  percentile(share: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.maxMs, Math.max(this.minMs, middleOf(bucket)));
    }
    return this.maxMs;
  }

  get meanMs(): number {
    return this.sumMs / this.count;
  }

  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.sumMs = 0;
    this.minMs = Number.POSITIVE_INFINITY;
    this.maxMs = Number.NEGATIVE_INFINITY;
  }

  toJson(): HistogramJson {
    const buckets: [number, number][] = [];
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) buckets.push([bucket, count]);
    const isEmpty = this.count === 0;
    return {
      count: this.count,
      sumMs: this.sumMs,
      minMs: isEmpty ? null : this.minMs,
      maxMs: isEmpty ? null : this.maxMs,
      buckets,
    };
  }

  static fromJson({ count, sumMs, minMs, maxMs, buckets }: HistogramJson): Histogram {
    const histogram = new Histogram();
    for (const [bucket, times] of buckets) histogram.#counts[Math.min(bucket, bucketCount - 1)]! += times;
    histogram.count = count;
    histogram.sumMs = sumMs;
    histogram.minMs = minMs ?? Number.POSITIVE_INFINITY;
    histogram.maxMs = maxMs ?? Number.NEGATIVE_INFINITY;
    return histogram;
  }
}

function bucketOf(ms: number): number {
  if (ms < leastMs) return 0;
  return Math.min(bucketCount - 1, 1 + Math.floor(Math.log(ms / leastMs) * inverseLogGrowth));
}

/** Where the relative error is the same on both sides. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : leastMs * growth ** (bucket - 0.5);
}
