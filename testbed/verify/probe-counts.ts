/**
 * How many probes each couple of nodes gets and over what time: enough for what is asked of it, as far as the
 * probers' pace and the couple's own rates allow.
 */
import type { Asked } from "./asked.ts";
import { probeBytes } from "./probe-size.ts";

export type ProbedCouple = {
  forward: Asked;
  back: Asked;
  /** Numbers of the rates on the way, both directions together. */
  rates: readonly number[];
  /** Numbers of those of its nodes' probers that can take only so many turns a second. */
  slow?: readonly number[];
};

export type ProbePlan = { windowMs: number; counts: number[] };

/** For a median, and enough that a pair which loses what it should not is noticed. */
const baseCount = 60;
export const leastCount = 8;
/** Expected losses, copies or corruptions that tell a ratio from its double. */
const wantedHits = 20;
const mostCount = 4000;
/** Both directions together: on two busy cores a wire takes more than half of one for it, and is not late. */
export const probesPerSecond = 20_000;
const calmWindowMs = 2000;
/** Jitter and loss show in time; more would not leave ten seconds for the whole. */
const variedWindowMs = 3500;
/** Of a slow link's rate: a probe that waits for another one would measure the probing. */
const rateShare = 0.1;

export function planProbes(
  couples: readonly ProbedCouple[],
  rateBitsPerSecond: readonly number[],
  wantedWindowMs?: number,
  slowTurnsPerSecond: readonly number[] = [],
): ProbePlan {
  const wants = couples.map(({ forward, back }) => Math.max(wantOf(forward), wantOf(back)));
  const varied = wants.some((want) => want > baseCount);
  const planned = wantedWindowMs ?? (varied ? variedWindowMs : calmWindowMs);
  const least = (couples.length * 2 * leastCount * 1000) / probesPerSecond;
  const windowMs = Math.ceil(Math.max(planned, least));
  const counts = shareOut(wants, (probesPerSecond / 2) * (windowMs / 1000));
  const probesOfRate = rateBitsPerSecond.map((rate) => (rateShare * rate) / (probeBytes(4) * 8));
  const bounds = couples.map(({ rates, slow = [] }) => [
    ...rates,
    ...slow.map((each) => probesOfRate.length + each),
  ]);
  return { windowMs, counts: within(counts, bounds, [...probesOfRate, ...slowTurnsPerSecond], windowMs) };
}

function wantOf({ cut, jitter, lossRatio, duplicateRatio, corruptRatio }: Asked): number {
  if (cut) return baseCount;
  const ratios = [lossRatio, duplicateRatio, corruptRatio].filter((ratio) => ratio > 0);
  const hits = Math.max(0, ...ratios.map((ratio) => Math.min(mostCount, wantedHits / ratio)));
  // Twice per standard deviation of time is all that a delay which wanders can tell.
  const moments = jitter
    ? Math.min(600, Math.max(100, (2 * variedWindowMs) / Math.max(jitter.spreadMs, 1)))
    : 0;
  return Math.ceil(Math.max(baseCount, hits, moments));
}

/** Everyone gets what they want up to a common limit, the highest with which the sum fits. */
function shareOut(wants: readonly number[], total: number): number[] {
  const sumUpTo = (limit: number) => wants.reduce((sum, want) => sum + Math.min(want, limit), 0);
  let low = leastCount;
  let high = Math.max(leastCount, ...wants);
  if (sumUpTo(high) <= total) return [...wants];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (sumUpTo(middle) <= total) low = middle;
    else high = middle;
  }
  return wants.map((want) => Math.min(want, low));
}

/** `bounds`: for each couple the numbers of what it shares with others, `mostPerSecond`: what each of those bears. */
function within(
  counts: readonly number[],
  bounds: readonly (readonly number[])[],
  mostPerSecond: readonly number[],
  windowMs: number,
): number[] {
  const asked = new Float64Array(mostPerSecond.length);
  bounds.forEach((numbers, couple) => {
    for (const number of numbers) asked[number]! += counts[couple]!;
  });
  const shrink = Array.from(asked, (probes, number) => {
    const room = mostPerSecond[number]! * (windowMs / 1000);
    return probes > room ? room / probes : 1;
  });
  return bounds.map((numbers, couple) => {
    const least = Math.min(1, ...numbers.map((number) => shrink[number]!));
    return Math.max(leastCount, Math.floor(counts[couple]! * least));
  });
}
