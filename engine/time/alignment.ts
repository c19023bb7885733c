/**
 * Sources are kept together in event time: none is further ahead of the slowest than it may be, so that what joins them need
 * not keep everything that the fast one has sent. Pure.
 */

/** How far a source is in event time; null: it holds nobody up, as it is silent, at its end, or knows no event time. */
export type SourceTime = number | null;

/** Told again after so small a part of what sources may be apart: what is known of others is old by that much at most. */
const newsShare = 1 / 8;

export function mayEmit(ownMs: number, slowestMs: number, aheadMs: number): boolean {
  // A source that has sent nothing yet may begin, or none ever could.
  return ownMs === Number.NEGATIVE_INFINITY || ownMs - slowestMs <= aheadMs;
}

export function slowest(times: Iterable<SourceTime>): SourceTime {
  let leastMs: SourceTime = null;
  for (const ms of times) if (ms !== null && (leastMs === null || ms < leastMs)) leastMs = ms;
  return leastMs;
}

/** Whether others must know: `told` is what they know. */
export function isNews(told: SourceTime, now: SourceTime, aheadMs: number): boolean {
  if (told === null || now === null) return told !== now;
  return Math.abs(now - told) >= aheadMs * newsShare;
}
