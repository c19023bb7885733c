/**
 * The wall clock finer than the milliseconds in which Node.js gives it: when a millisecond begins is seen by waiting for it.
 * Its distance to the monotonic clock stays the same until somebody sets it.
 */

const looks = 3;

/** Takes up to 3 ms. */
export function realMinusMonotonicNs(
  wallMs: () => number = Date.now,
  monotonicNs: () => bigint = process.hrtime.bigint,
): bigint {
  let best: bigint | undefined;
  for (let look = 0; look < looks; look += 1) {
    const begun = wallMs();
    let now = begun;
    while (now === begun) now = wallMs();
    const seen = BigInt(now) * 1_000_000n - monotonicNs();
    // Being interrupted makes a millisecond seem to begin late, and the distance small.
    if (best === undefined || seen > best) best = seen;
  }
  return best!;
}
