/**
 * Nonlinear least squares with bounds: Levenberg's damping with Marquardt's scaling, steps cut at the bounds, the
 * Jacobian by differences. What must not lean on single points weights its residuals itself (`robust-fit.ts`).
 */
import { invert, solve } from "./solve.ts";

export type Parameter = { readonly start: number; readonly low: number; readonly high: number };

export type Fit = {
  readonly values: readonly number[];
  /** Half the sum of squares. */
  readonly cost: number;
  /** Of the values, where residuals have a standard deviation of 1. */
  readonly covariance: readonly (readonly number[])[];
};

const iterationsMax = 40;
const dampingAtStart = 1e-3;
const dampingMax = 1e9;
/** A step that gains less than this part of the cost is the last. */
const gainMin = 1e-9;

export function levenbergMarquardt(
  parameters: readonly Parameter[],
  residualsOf: (values: readonly number[]) => readonly number[],
): Fit {
  const clamp = (value: number, at: number) =>
    Math.min(parameters[at]!.high, Math.max(parameters[at]!.low, value));
  let values = parameters.map(({ start }, at) => clamp(start, at));
  let residuals = residualsOf(values);
  let cost = costOf(residuals);
  let damping = dampingAtStart;
  for (let iteration = 0; iteration < iterationsMax && damping < dampingMax; iteration++) {
    const { normal, gradient } = normalEquations(parameters, values, residuals, residualsOf);
    // A value at its bound that would leave it stays there for this step.
    const isHeld = values.map((value, at) => {
      const { low, high } = parameters[at]!;
      return (value <= low && gradient[at]! > 0) || (value >= high && gradient[at]! < 0);
    });
    let gain = 0;
    while (damping < dampingMax) {
      const damped = normal.map((row, one) =>
        row.map((value, other) => {
          if (one === other) return isHeld[one] ? 1 : value * (1 + damping) + 1e-12;
          return isHeld[one] || isHeld[other] ? 0 : value;
        }),
      );
      const step = solve(
        damped,
        gradient.map((value, at) => (isHeld[at] ? 0 : -value)),
      );
      const tried = values.map((value, at) => clamp(value + (step?.[at] ?? 0), at));
      const triedResiduals = residualsOf(tried);
      const triedCost = costOf(triedResiduals);
      if (step !== undefined && triedCost < cost) {
        gain = cost - triedCost;
        [values, residuals, cost] = [tried, triedResiduals, triedCost];
        damping = Math.max(damping / 10, 1e-9);
        break;
      }
      damping *= 10;
    }
    if (gain <= gainMin * cost) break;
  }
  const { normal } = normalEquations(parameters, values, residuals, residualsOf);
  const ridged = normal.map((row, one) => row.map((value, other) => (one === other ? value + 1e-9 : value)));
  const covariance = invert(ridged) ?? values.map(() => values.map(() => 0));
  return { values, cost, covariance };
}

function costOf(residuals: readonly number[]): number {
  let sum = 0;
  for (const residual of residuals) sum += residual * residual;
  return Number.isFinite(sum) ? sum / 2 : Number.POSITIVE_INFINITY;
}

function normalEquations(
  parameters: readonly Parameter[],
  values: readonly number[],
  residuals: readonly number[],
  residualsOf: (values: readonly number[]) => readonly number[],
): { normal: number[][]; gradient: number[] } {
  const columns = values.map((value, at) => {
    const { high } = parameters[at]!;
    const width = 1e-5 * Math.max(1e-3, Math.abs(value));
    const moved = value + width <= high ? value + width : value - width;
    const there = residualsOf(values.map((one, other) => (other === at ? moved : one)));
    return there.map((residual, row) => (residual - residuals[row]!) / (moved - value));
  });
  const dot = (one: readonly number[], other: readonly number[]) =>
    one.reduce((sum, value, at) => sum + value * other[at]!, 0);
  return {
    normal: columns.map((one) => columns.map((other) => dot(one, other))),
    gradient: columns.map((column) => dot(column, residuals)),
  };
}
