/** How far estimates are from the truth, over all measured pairs. */
import type { Advert, CoordinateAlgorithm } from "./algorithm.ts";
import type { RttMatrix } from "./rtt-matrix.ts";

export type Accuracy = {
  /** |estimate - truth| / truth, its median and its 90th percentile. */
  readonly medianRelativeError: number;
  readonly p90RelativeError: number;
  /** Part of the pairs whose truth lies between the estimate's low and high: 0.8 is right. */
  readonly coverage: number;
};

export function accuracy(
  algorithm: Pick<CoordinateAlgorithm, "estimate">,
  adverts: readonly Advert[],
  matrix: RttMatrix,
): Accuracy {
  const errors: number[] = [];
  let covered = 0;
  for (let one = 0; one < matrix.size; one++) {
    for (let other = 0; other < one; other++) {
      const truthMs = matrix.rttMs(one, other);
      if (truthMs === 0) continue;
      const { rttMs, lowMs, highMs } = algorithm.estimate(adverts[one]!, adverts[other]!);
      errors.push(Math.abs(rttMs - truthMs) / truthMs);
      if (truthMs >= lowMs && truthMs <= highMs) covered++;
    }
  }
  const sorted = Float64Array.from(errors).sort();
  return {
    medianRelativeError: quantile(sorted, 0.5),
    p90RelativeError: quantile(sorted, 0.9),
    coverage: covered / errors.length,
  };
}

/** Of what is sorted; between two values by their distance. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}
