/** Medians and quantiles of short lists of figures. */

/** Undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The least value that a share of all does not exceed: of few values a high quantile is their greatest, never less. */
export function quantileOf(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Not by spreading, which overflows the stack for long series. */
export function least(values: Iterable<number>): number | undefined {
  let found: number | undefined;
  for (const value of values) if (found === undefined || value < found) found = value;
  return found;
}

export function greatest(values: Iterable<number>): number | undefined {
  let found: number | undefined;
  for (const value of values) if (found === undefined || value > found) found = value;
  return found;
}

export type Spread = { median: number; low: number; high: number; count: number };

/** The median and the extremes of what was told. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const told = values.filter((value) => value !== undefined);
  const [middle, low, high] = [median(told), least(told), greatest(told)];
  if (middle === undefined || low === undefined || high === undefined) return undefined;
  return { median: middle, low, high, count: told.length };
}
