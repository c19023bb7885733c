/** Means over the last while of what was observed. What was not seen often enough is unknown, never zero. */
import type { Observation } from "../observation.ts";

/** Observations of the configuration that runs now, not older than `windowMs`; newest last. */
export function recent(history: readonly Observation[], windowMs: number): readonly Observation[] {
  const latest = history.at(-1);
  if (latest === undefined) return [];
  const fromMs = Math.max(latest.atMs - windowMs, latest.atMs - latest.steadyMs);
  let first = history.length;
  while (first > 0 && history[first - 1]!.atMs >= fromMs) first--;
  return history.slice(first);
}

/** Undefined when fewer than half of the observations have the figure. */
export function meanOf(
  observations: readonly Observation[],
  figure: (observation: Observation) => number | undefined,
): number | undefined {
  let [sum, count] = [0, 0];
  for (const observation of observations) {
    const value = figure(observation);
    if (value === undefined || !Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 || 2 * count < observations.length ? undefined : sum / count;
}
