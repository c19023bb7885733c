/** What a set of measured values comes to. */

export type Summary = {
  count: number;
  mean: number;
  /** Standard deviation. */
  spread: number;
  median: number;
  p1: number;
  p99: number;
};

/** Undefined for no values. Sorts `values` in place. */
export function summarise(values: Float64Array): Summary | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  values.sort();
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return {
    count,
    mean,
    spread: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
    median: sortedQuantile(values, 0.5),
    p1: sortedQuantile(values, 0.01),
    p99: sortedQuantile(values, 0.99),
  };
}

/** Between the two nearest values where the share falls between them. NaN for no values. */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

export function median(values: Iterable<number>): number {
  return sortedQuantile(Float64Array.from(values).sort(), 0.5);
}
