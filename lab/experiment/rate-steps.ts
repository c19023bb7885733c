/**
 * Loads of every form as steps of constant rate, which is what sources are paced by. A curve becomes steps of a second
 * that each make exactly the records which the curve makes in that second. Pure.
 */
import type { RateStep } from "./experiment.ts";

const curveStepMs = 1000;

/** Records that a curve has made by then. */
type RecordsBy = (elapsedMs: number) => number;

/** Cut at the end of the run, or its last step made as long as it. */
export function fitted(steps: readonly RateStep[], durationMs: number): RateStep[] {
  const fit: RateStep[] = [];
  let leftMs = durationMs;
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const forMs = isLast ? leftMs : Math.min(step.forMs, leftMs);
    if (forMs > 0) fit.push({ ...step, forMs });
    leftMs -= forMs;
  }
  return fit;
}

/** As far as the run lasts: a ramp may be longer. */
export function rampSteps(from: number, to: number, overMs: number, durationMs: number): RateStep[] {
  const perMs = (to - from) / overMs;
  const recordsBy: RecordsBy = (elapsedMs) => (from * elapsedMs + (perMs * elapsedMs ** 2) / 2) / 1000;
  const rising = curveSteps(recordsBy, Math.min(overMs, durationMs));
  return [...rising, { ratePerSecond: to, forMs: curveStepMs }];
}

export function spikeSteps(base: number, peak: number, atMs: number, forMs: number): RateStep[] {
  return [
    ...(atMs > 0 ? [{ ratePerSecond: base, forMs: atMs }] : []),
    { ratePerSecond: peak, forMs },
    { ratePerSecond: base, forMs: curveStepMs },
  ];
}

/** From the mean upwards. */
export function sineSteps(mean: number, amplitude: number, periodMs: number, durationMs: number): RateStep[] {
  const turn = (2 * Math.PI) / periodMs;
  const recordsBy: RecordsBy = (elapsedMs) =>
    (mean * elapsedMs + (amplitude / turn) * (1 - Math.cos(turn * elapsedMs))) / 1000;
  return curveSteps(recordsBy, durationMs);
}

function curveSteps(recordsBy: RecordsBy, durationMs: number): RateStep[] {
  const steps: RateStep[] = [];
  for (let fromMs = 0; fromMs < durationMs; fromMs += curveStepMs) {
    const untilMs = Math.min(fromMs + curveStepMs, durationMs);
    const records = recordsBy(untilMs) - recordsBy(fromMs);
    // What touches zero may come out below it by a rounding error.
    steps.push({
      ratePerSecond: Math.max(0, (records * 1000) / (untilMs - fromMs)),
      forMs: untilMs - fromMs,
    });
  }
  return steps;
}
