/**
 * The wall clock finer than the milliseconds in which Node.js gives it: when a millisecond begins is seen by waiting for it.
 * Its distance to the monotonic clock stays the same until somebody sets it.
 */

/** Seen to begin within this time, and no better is needed. */
const fineNs = 5_000n;
/** On a machine so busy that none is seen that well, the best of so many. */
const mostLooks = 25;

/** Takes a millisecond or two, and 25 at most. */
export function realMinusMonotonicNs(
  wallMs: () => number = Date.now,
  monotonicNs: () => bigint = process.hrtime.bigint,
): bigint {
  let best = lookOnce(wallMs, monotonicNs);
  // Whoever is interrupted just then sees a millisecond begin late.
  for (let looks = 1; looks < mostLooks && best.withinNs > fineNs; looks += 1) {
    const look = lookOnce(wallMs, monotonicNs);
    if (look.withinNs < best.withinNs) best = look;
  }
  return best.distanceNs;
}

function lookOnce(wallMs: () => number, monotonicNs: () => bigint): { distanceNs: bigint; withinNs: bigint } {
  let beforeNs = monotonicNs();
  const begun = wallMs();
  for (;;) {
    const nextNs = monotonicNs();
    const now = wallMs();
    if (now === begun) {
      beforeNs = nextNs;
      continue;
    }
    const afterNs = monotonicNs();
    // It was still the old one at some time after `beforeNs`, and the new one at some time before `afterNs`.
    const beganNs = (beforeNs + afterNs) / 2n;
    return { distanceNs: BigInt(now) * 1_000_000n - beganNs, withinNs: afterNs - beforeNs };
  }
}
