/** How many key groups each subtask gets for its weight. */

/** Weights come from measurements; shares that differ by less than this are the same share. */
const sameShare = 1e-9;

/**
 * Largest remainders: whole numbers that add up to `total`, in proportion to the weights. A weight above zero gets
 * at least one. Where two have an equal claim, the one that `held` more than it has so far is preferred, as that
 * saves a move; then the earlier one.
 */
export function quotas(weights: readonly number[], total: number, held: readonly number[]): number[] {
  const largest = Math.max(...weights);
  // Divided by the largest first, so that huge weights do not add up to Infinity.
  const scaled = weights.map((weight) => weight / largest);
  const sum = scaled.reduce((subtotal, weight) => subtotal + weight, 0);
  const shares = scaled.map((weight) => (weight / sum) * total);
  const counts = shares.map((share, at) =>
    weights[at] === 0 ? 0 : Math.max(1, Math.floor(share + sameShare)),
  );
  let left = total - counts.reduce((subtotal, count) => subtotal + count, 0);
  for (; left > 0; left--) counts[neediest(shares, counts, held)]! += 1;
  for (; left < 0; left++) counts[richest(shares, counts, held)]! -= 1;
  return counts;
}

function neediest(shares: readonly number[], counts: readonly number[], held: readonly number[]): number {
  let best = -1;
  let bestClaim = Number.NEGATIVE_INFINITY;
  for (const [at, share] of shares.entries()) {
    if (counts[at] === 0) continue; // Its weight is zero.
    const claim = share - counts[at]!;
    const saves = held[at]! > counts[at]! && best >= 0 && held[best]! <= counts[best]!;
    if (claim > bestClaim + sameShare || (saves && claim > bestClaim - sameShare)) {
      best = at;
      bestClaim = claim;
    }
  }
  return best;
}

function richest(shares: readonly number[], counts: readonly number[], held: readonly number[]): number {
  let best = -1;
  let bestExcess = Number.NEGATIVE_INFINITY;
  for (const [at, share] of shares.entries()) {
    if (counts[at]! <= 1) continue; // The last group of a subtask stays.
    const excess = counts[at]! - share;
    const saves = held[at]! < counts[at]! && best >= 0 && held[best]! >= counts[best]!;
    if (excess > bestExcess + sameShare || (saves && excess > bestExcess - sameShare)) {
      best = at;
      bestExcess = excess;
    }
  }
  return best;
}
