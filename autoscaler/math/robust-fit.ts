/**
 * Levenberg–Marquardt that survives bad samples: each sample weighs less the farther off it is (Cauchy's weights), and
 * what counts as far shrinks in rounds (graduated non-convexity, Blake & Zisserman 1987), so that a sample which the
 * parameters can follow pulls them along, while one that nothing explains is left behind.
 */
import { type Fit, levenbergMarquardt, type Parameter } from "./levenberg-marquardt.ts";

export type Prior = Parameter & {
  /** How far from `start` the value may well be; infinite for nothing known. */
  readonly deviation: number;
};

export type Misfit = {
  /** Its own scale; 0 is a perfect match. */
  readonly error: number;
  /** What is to be expected of a good sample's error. */
  readonly deviation: number;
};

const scales = [20, 8, 3, 1] as const;
/** In standard deviations: within it a sample counts almost whole. */
const cauchy = 2.4;

export function robustFit(
  priors: readonly Prior[],
  misfits: (values: readonly number[]) => readonly Misfit[],
): Fit & { readonly weights: readonly number[] } {
  const pulls = (values: readonly number[]) =>
    values.map((value, at) => (value - priors[at]!.start) / priors[at]!.deviation);
  let parameters: readonly Parameter[] = priors;
  let fit: Fit | undefined;
  let weights: readonly number[] = [];
  for (const scale of scales) {
    const startValues = parameters.map(({ start }) => start);
    // While parameters are far off, good samples are too: they get the scale's deviation, not only its tolerance.
    const widened = (deviation: number) => deviation * scale;
    weights = misfits(startValues).map(({ error, deviation }) => {
      const distance = error / (cauchy * widened(deviation));
      return Math.sqrt(1 / (1 + distance * distance));
    });
    // Where most samples would be left behind it is the parameters that cannot follow: they are fitted as well as it goes.
    const kept = weights.reduce((sum, weight) => sum + weight * weight, 0);
    if (fit !== undefined && kept < weights.length / 2) break;
    const fixed = weights;
    fit = levenbergMarquardt(parameters, (values) => [
      ...misfits(values).map(({ error, deviation }, at) => (error / widened(deviation)) * fixed[at]!),
      ...pulls(values),
    ]);
    parameters = priors.map(({ low, high }, at) => ({ start: fit!.values[at]!, low, high }));
  }
  return { ...fit!, weights };
}
