/** How much is asked of a simulated job at which time: the shapes that policies are compared under. */

/** Records per second, all sources together, so many ms after the start. */
export type Load = (atMs: number) => number;

export const constant =
  (rate: number): Load =>
  () =>
    rate;

/** Double the rate from a quarter to three quarters of the time. */
export const steps =
  (base: number, durationMs: number): Load =>
  (atMs) =>
    atMs >= durationMs / 4 && atMs < (3 * durationMs) / 4 ? 2 * base : base;

/** Double the rate for a tenth of the time, once, from four tenths on. */
export const spike =
  (base: number, durationMs: number): Load =>
  (atMs) =>
    atMs >= 0.4 * durationMs && atMs < 0.5 * durationMs ? 2 * base : base;

/** Between the rate and the double of it, four times; it starts at the low end. */
export const sine =
  (base: number, durationMs: number): Load =>
  (atMs) =>
    base * (1.5 - 0.5 * Math.cos((2 * Math.PI * atMs * 4) / durationMs));

/** Rises to the double between a quarter and a half of the time, and stays. */
export const ramp =
  (base: number, durationMs: number): Load =>
  (atMs) =>
    base * (1 + Math.min(1, Math.max(0, (4 * atMs) / durationMs - 1)));
