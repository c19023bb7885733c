/** Quantiles of the jitter shapes, in units of the spread: mean 0, and deviation 1 or, for uniform, half-width 1. */

export type Shape = "normal" | "uniform" | "pareto";

/** Shape 3: the smallest whole one whose deviation is finite and stable in a measurement. */
const paretoShape = 3;
const paretoMean = paretoShape / (paretoShape - 1);
const paretoDeviation = Math.sqrt(paretoShape / (paretoShape - 2)) / (paretoShape - 1);

/** `share` in (0, 1): the value below which that share of the draws lies. */
export function quantile(shape: Shape, share: number): number {
  switch (shape) {
    case "uniform":
      return 2 * share - 1;
    case "pareto":
      return ((1 - share) ** (-1 / paretoShape) - paretoMean) / paretoDeviation;
    case "normal":
      return normalQuantile(share);
    default:
      return shape satisfies never;
  }
}

/**
 * Solves cdf(x) = share by bisection. Slow and simple: it runs a thousand times in a process's life, and the
 * cumulative distribution by its series (Marsaglia, "Evaluating the normal distribution", 2004) is exact here.
 */
function normalQuantile(share: number): number {
  let low = -7;
  let high = 7;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalShareBelow(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalShareBelow(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && odd < 400; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - Math.log(2 * Math.PI) / 2);
}
