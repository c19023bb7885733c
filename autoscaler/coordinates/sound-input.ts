/** What a measurement and an advert must be to be learnt from; the rest is damage or somebody else's dialect. */
import type { Advert } from "./algorithm.ts";

/** Longer is no path that anybody would use, but a clock that jumped. */
const rttMsMax = 60_000;
/** A coordinate farther out is broken: no two nodes are so far apart. */
const reachMs = 10 * rttMsMax;

export function isSoundRtt(rttMs: number): boolean {
  return rttMs > 0 && rttMs <= rttMsMax;
}

export function isSoundAdvert(advert: Advert, dimensions: number): boolean {
  const { position, height, adjustment, error, samples } = advert;
  return (
    position.length === dimensions &&
    position.every(isReachable) &&
    isReachable(height) &&
    height >= 0 &&
    isReachable(adjustment) &&
    error >= 0 &&
    error < Number.POSITIVE_INFINITY &&
    samples >= 0
  );
}

/** False of what is no number, too. */
function isReachable(ms: number): boolean {
  return Math.abs(ms) <= reachMs;
}
