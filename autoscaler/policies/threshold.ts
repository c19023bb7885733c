/**
 * CPU thresholds: above 70 % more nodes, below 30 % fewer, as many as Kubernetes' horizontal pod autoscaler would take
 * (ceil(n · use / target), nothing within a tolerance), with a pause after each rescale.
 */
import { evenSteps } from "./even-steps.ts";
import { meanOf, recent } from "./lookback.ts";
import type { Policy, PolicyInput } from "./policy.ts";

export type ThresholdSettings = {
  readonly up: number;
  readonly down: number;
  /** What a rescale aims at. */
  readonly target: number;
  readonly tolerance: number;
  readonly windowMs: number;
  /** After a rescale, before one up and before one down. */
  readonly upCooldownMs: number;
  readonly downCooldownMs: number;
};

/** Tolerance and the pause before a step down are Kubernetes' own defaults; the pause before one up is its usual metrics' age. */
export const thresholdDefaults: ThresholdSettings = {
  up: 0.7,
  down: 0.3,
  target: 0.7,
  tolerance: 0.1,
  windowMs: 15_000,
  upCooldownMs: 60_000,
  downCooldownMs: 300_000,
};

export function threshold(settings: ThresholdSettings = thresholdDefaults): Policy {
  return {
    name: "threshold",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return { do: "stay", because: "nothing was seen yet" };
      const count = latest.configuration.seats.length;
      const use = meanUse(input, settings.windowMs);
      if (typeof use === "string") return { do: "stay", because: `the CPU of ${use} is not known` };
      const percent = `${Math.round(100 * use)} % CPU`;
      if (use <= settings.up && use >= settings.down) return { do: "stay", because: percent };
      if (Math.abs(use / settings.target - 1) <= settings.tolerance)
        return { do: "stay", because: `${percent}, within the tolerance` };
      const up = use > settings.up;
      const pauseMs = up ? settings.upCooldownMs : settings.downCooldownMs;
      const sinceMs = latest.atMs - (input.outcomes.at(-1)?.atMs ?? (up ? -Infinity : 0));
      if (sinceMs < pauseMs)
        return {
          do: "stay",
          because: `${percent}, but the last rescale is ${Math.round(sinceMs / 1000)} s ago`,
        };
      const wanted = Math.ceil((count * use) / settings.target);
      const bounded = Math.max(input.bounds.min, Math.min(input.bounds.max, Math.max(1, wanted)));
      const to = evenSteps(input, latest.configuration, bounded);
      if (to.seats.length === count)
        return { do: "stay", because: `${percent}, but ${count} is all there may be` };
      const predicted = input.predict(to);
      const because = `${percent}: ${count} → ${to.seats.length}`;
      return { do: "rescale", to, because, ...(predicted && { predicted }) };
    },
  };
}

/** Of the nodes that hold seats; the name of one whose use is unknown, where there is one. */
function meanUse(input: PolicyInput, windowMs: number): number | string {
  const window = recent(input.history, windowMs);
  const nodes = [...new Set(input.history.at(-1)!.configuration.seats.map(({ node }) => node))];
  let sum = 0;
  for (const node of nodes) {
    const use = meanOf(window, (observation) => observation.cpu[node]);
    if (use === undefined) return node;
    sum += use;
  }
  return sum / nodes.length;
}
