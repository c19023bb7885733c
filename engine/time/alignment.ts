/**
 * Whether a source may go on: it may be so far ahead of the slowest source in event time and no further, so that what
 * joins them need not keep everything that the fast one has sent.
 */
export function mayEmit(ownWatermarkMs: number, leastWatermarkMs: number, aheadMs: number): boolean {
  // A source that has sent nothing yet may begin, or none ever could.
  if (aheadMs === Number.POSITIVE_INFINITY || ownWatermarkMs === Number.NEGATIVE_INFINITY) return true;
  return ownWatermarkMs - leastWatermarkMs <= aheadMs;
}
