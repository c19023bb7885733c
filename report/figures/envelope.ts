/**
 * Long series made short without hiding what stood out: each bin keeps the least, the greatest and the mean of what fell
 * into it. A gap in the series stays one.
 */
import { mean } from "./statistics.ts";

export type Bin = { t: number; low: number; mean: number; high: number };

export type Series = {
  bins: Bin[];
  /** How much time one bin holds; undefined where every point has its own. */
  binMs?: number;
};

/** `points` by time. */
export function envelope(
  points: readonly { t: number; value: number | undefined }[],
  binsMost: number,
): Series {
  const told = points.filter((point): point is { t: number; value: number } => point.value !== undefined);
  if (told.length <= binsMost)
    return { bins: told.map(({ t, value }) => ({ t, low: value, mean: value, high: value })) };
  const start = told[0]!.t;
  const binMs = Math.max(1, (told.at(-1)!.t - start) / binsMost);
  const groups = Map.groupBy(told, ({ t }) => Math.min(binsMost - 1, Math.floor((t - start) / binMs)));
  const bins = [...groups].map(([bin, members]): Bin => {
    const values = members.map(({ value }) => value);
    return {
      t: start + (bin + 0.5) * binMs,
      low: Math.min(...values),
      mean: mean(values)!,
      high: Math.max(...values),
    };
  });
  return { bins, binMs };
}
