/** What a load asks for at a moment: its steps one after the other, the last one for ever. Pure. */
import type { RateStep } from "#lab/experiment/experiment.ts";

/** Of each source operator, `elapsedMs` after the load began. */
export function askedAt(steps: readonly RateStep[], elapsedMs: number): number {
  let endMs = 0;
  for (const { ratePerSecond, forMs } of steps) {
    endMs += forMs;
    if (elapsedMs < endMs) return ratePerSecond;
  }
  return steps.at(-1)?.ratePerSecond ?? 0;
}
