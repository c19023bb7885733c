/** Linear least squares with coefficients that cannot be negative, weighted, leaning to what was believed before. */

import { solve } from "./solve.ts";

export type Row = { readonly x: readonly number[]; readonly y: number; readonly weight: number };

/** At most a handful. `deviation` is of the belief; rows have a standard deviation of 1 / √weight. */
export type Belief = { readonly value: number; readonly deviation: number };

/**
 * Exact: each set of columns that may be positive is solved for, and the best solution without negatives wins. Columns
 * are nearly collinear here (a join's results follow its records), where descending column by column is slow;
 * and they are few.
 */
export function nonnegativeLeastSquares(rows: readonly Row[], beliefs: readonly Belief[]): number[] {
  const normal = beliefs.map((_, one) =>
    beliefs.map((_, other) => rows.reduce((sum, { x, weight }) => sum + weight * x[one]! * x[other]!, 0)),
  );
  const right = beliefs.map((_, one) =>
    rows.reduce((sum, { x, y, weight }) => sum + weight * x[one]! * y, 0),
  );
  for (const [at, { value, deviation }] of beliefs.entries()) {
    normal[at]![at]! += 1 / deviation ** 2;
    right[at]! += value / deviation ** 2;
  }
  let best = { gain: 0, values: beliefs.map(() => 0) };
  for (let set = 1; set < 2 ** beliefs.length; set++) {
    const columns = beliefs.flatMap((_, at) => ((set >> at) & 1 ? [at] : []));
    const solved = solve(
      columns.map((one) => columns.map((other) => normal[one]![other]!)),
      columns.map((at) => right[at]!),
    );
    if (solved === undefined || solved.some((value) => value < 0)) continue;
    const gain = columns.reduce((sum, at, place) => sum + right[at]! * solved[place]!, 0);
    if (gain <= best.gain) continue;
    const values = beliefs.map(() => 0);
    for (const [place, at] of columns.entries()) values[at] = solved[place]!;
    best = { gain, values };
  }
  return best.values;
}

/** The same with Huber's weights, scaled by the median of residuals: for rows of which some are wrong. */
export function robustNonnegative(rows: readonly Row[], beliefs: readonly Belief[]): number[] {
  let values = nonnegativeLeastSquares(rows, beliefs);
  for (let round = 0; round < 6; round++) {
    const distances = rows.map(({ x, y, weight }) => {
      const predicted = x.reduce((sum, one, at) => sum + one * values[at]!, 0);
      return Math.abs(y - predicted) * Math.sqrt(weight);
    });
    const sorted = [...distances].sort((one, other) => one - other);
    const limit = 2 * Math.max(1e-12, 1.4826 * (sorted[Math.floor(sorted.length / 2)] ?? 0));
    const reweighted = rows.map((row, at) => ({
      ...row,
      weight: row.weight * Math.min(1, limit / Math.max(distances[at]!, 1e-300)),
    }));
    values = nonnegativeLeastSquares(reweighted, beliefs);
  }
  return values;
}
