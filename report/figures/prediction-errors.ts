/** How far each model's predictions were from what was measured afterwards. */
import type { Run } from "../record/read-run.ts";
import { groupNames, runNames } from "./groups.ts";
import { greatest, mean, median, quantileOf } from "./statistics.ts";

export type PredictionError = {
  group: string;
  run: string;
  t: number;
  parallelism: number;
  model: string;
  predicted: number;
  measured: number;
  /** (predicted − measured) / measured: above 0 promised too much. */
  error: number;
  /** Whether the measured value lay in the interval that was told; left out where none was. */
  inside?: boolean;
};

export type ErrorSummary = {
  model: string;
  /** Undefined: over all conditions. */
  group?: string;
  count: number;
  /** Of the errors' sizes; of few predictions the 95th percentile is the worst. */
  median: number;
  p95: number;
  worst: number;
  /** The mean of the errors with their signs. */
  bias: number;
  /** The part of the measured values that lay in the interval told; 0.9 is what intervals promise. */
  inside?: number;
};

export function predictionErrors(runs: readonly Run[]): PredictionError[] {
  const [nameOf, groupOf] = [runNames(runs), groupNames(runs)];
  return runs.flatMap((run) =>
    run.msts.flatMap(({ t, configuration, mst, predictions }) =>
      Object.entries(predictions).flatMap(([model, prediction]): PredictionError[] => {
        if (mst <= 0) return [];
        const { low, high } = prediction;
        return [
          {
            group: groupOf(run),
            run: nameOf(run),
            t,
            parallelism: configuration.seats.length,
            model,
            predicted: prediction.mst,
            measured: mst,
            error: (prediction.mst - mst) / mst,
            ...(low === undefined || high === undefined ? {} : { inside: low <= mst && mst <= high }),
          },
        ];
      }),
    ),
  );
}

/** Each model over all conditions, the best first, and after it by condition where there are several. */
export function errorSummaries(errors: readonly PredictionError[]): ErrorSummary[] {
  const groups = new Set(errors.map(({ group }) => group));
  return [...Map.groupBy(errors, ({ model }) => model)]
    .map(([model, own]) => ({ overall: summarise(model, own), own }))
    .sort((one, other) => one.overall.median - other.overall.median)
    .flatMap(({ overall, own }) => {
      const byGroup = [...Map.groupBy(own, ({ group }) => group)].map(
        ([group, members]): ErrorSummary => ({ ...summarise(overall.model, members), group }),
      );
      return groups.size > 1 ? [overall, ...byGroup] : [overall];
    });
}

function summarise(model: string, errors: readonly PredictionError[]): ErrorSummary {
  const sizes = errors.map(({ error }) => Math.abs(error));
  const told = errors.flatMap(({ inside }) => inside ?? []);
  return {
    model,
    count: errors.length,
    median: median(sizes)!,
    p95: quantileOf(sizes, 0.95)!,
    worst: greatest(sizes)!,
    bias: mean(errors.map(({ error }) => error))!,
    ...(told.length > 0 ? { inside: told.filter((each) => each).length / told.length } : {}),
  };
}
