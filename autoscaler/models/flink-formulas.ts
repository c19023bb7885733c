/**
 * The arithmetic of Flink's operator autoscaler (apache/flink-kubernetes-operator, module flink-autoscaler:
 * ScalingMetricEvaluator, AutoScalerUtils), written anew for rates per second.
 */

/** What a subtask would process if it were never idle; undefined while nothing is processed. */
export function trueProcessingRate(recordsPerSecond: number, busy: number): number | undefined {
  return recordsPerSecond > 0 && busy > 0 ? recordsPerSecond / busy : undefined;
}

/**
 * While a backlog is worked off, what is processed in the time that is not lost to backpressure. It replaces the rate
 * by busy time where that promises more by over `switchAt`.
 */
export function observedOrBusyRate(busyRate: number, observed: number | undefined, switchAt: number): number {
  return observed !== undefined && busyRate > observed * (1 + switchAt) ? observed : busyRate;
}

export type Target = {
  readonly inputPerSecond: number;
  readonly backlogRecords: number;
  /** Above 0, at most 1. */
  readonly utilisation: number;
  /** In which a backlog is to be gone; 0 when none is worked off. */
  readonly catchUpMs: number;
  readonly restartMs: number;
};

/** What a configuration should be able to process: the input at the target utilisation, and what has to be caught up. */
export function targetCapacity(target: Target): number {
  const { inputPerSecond, backlogRecords, utilisation, catchUpMs, restartMs } = target;
  if (!(utilisation > 0)) return Number.POSITIVE_INFINITY;
  const catchUp =
    catchUpMs > 0 ? (backlogRecords * 1000) / catchUpMs + (inputPerSecond * restartMs) / catchUpMs : 0;
  return inputPerSecond / Math.min(1, utilisation) + catchUp;
}
