/**
 * How much will be asked of the job: the level of now, and the trend where there is one. A trend counts only when both
 * halves of the time looked at go the same way: a ramp and a sine do, a step and noise do not.
 */
import type { Observation } from "../observation.ts";

export type Demand = {
  readonly atMs: number;
  /** Records per second, all sources together. */
  readonly now: number;
  /** Per second each second; 0 where no trend is sure. */
  readonly slope: number;
};

type Point = { readonly s: number; readonly asked: number };

export type DemandSettings = {
  /** Over which the level is a median, and over which a trend is looked for. */
  readonly levelMs: number;
  readonly trendMs: number;
};

/** Undefined where nothing that was asked for is known of the last while. */
export function demandOf(history: readonly Observation[], settings: DemandSettings): Demand | undefined {
  const atMs = history.at(-1)?.atMs;
  if (atMs === undefined) return undefined;
  const known = (sinceMs: number): Point[] => {
    const points: Point[] = [];
    for (let index = history.length - 1; index >= 0; index--) {
      const { atMs: thenMs, askedPerSecond: asked } = history[index]!;
      if (thenMs <= sinceMs) break;
      if (asked !== undefined && Number.isFinite(asked) && asked >= 0)
        points.push({ s: (thenMs - atMs) / 1000, asked });
    }
    return points.reverse();
  };
  const level = known(atMs - settings.levelMs).map(({ asked }) => asked);
  if (level.length === 0) return undefined;
  const trend = known(atMs - settings.trendMs);
  const now = median(level);
  const slope = steadySlope(trend, settings.trendMs / 1000);
  return { atMs, now, slope };
}

/** The most that is to be expected within the next while. */
export function expectedWithin(demand: Demand, aheadMs: number): number {
  return demand.now + Math.max(0, (demand.slope * aheadMs) / 1000);
}

function steadySlope(points: readonly Point[], spanS: number): number {
  const first = points.filter(({ s }) => s < -spanS / 2);
  const second = points.filter(({ s }) => s >= -spanS / 2);
  // Half a window that was hardly seen would be a trend made of two figures.
  if (first.length < 4 || second.length < 4) return 0;
  const [early, late] = [fit(first), fit(second)];
  if (early.slope * late.slope <= 0) return 0;
  const [less, more] = [early, late].sort((one, other) => Math.abs(one.slope) - Math.abs(other.slope));
  if (Math.abs(less!.slope) < 2 * Math.max(early.error, late.error)) return 0;
  return Math.abs(less!.slope) < 0.25 * Math.abs(more!.slope) ? 0 : less!.slope;
}

/** Least squares: the slope, and its standard error. */
function fit(points: readonly Point[]): { slope: number; error: number } {
  const count = points.length;
  const s = points.reduce((sum, point) => sum + point.s, 0) / count;
  const asked = points.reduce((sum, point) => sum + point.asked, 0) / count;
  let [across, along] = [0, 0];
  for (const point of points) {
    across += (point.s - s) * (point.asked - asked);
    along += (point.s - s) ** 2;
  }
  if (along === 0) return { slope: 0, error: Infinity };
  const slope = across / along;
  const left = points.reduce((sum, point) => sum + (point.asked - asked - slope * (point.s - s)) ** 2, 0);
  return { slope, error: Math.sqrt(left / (count - 2) / along) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
