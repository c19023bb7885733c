/** A run's plan for tests that do not care about most of it. */
import type { AutoscalerPlan, RunPlan } from "#lab/experiment/experiment.ts";

const autoscaler: AutoscalerPlan = {
  ...{ model: "only-alpha", policy: "ladder", min: 1, max: 3, how: "savepoint", shares: "even" },
  ...{ tickMs: 1_000, dryRun: false, steps: [] },
};

export function planWith(over: Partial<AutoscalerPlan>, durationMs = 3_600_000): RunPlan {
  return {
    ...{ experiment: "x", run: "1", condition: "", parameters: {}, repeat: 1, seed: 1 },
    topology: {
      ...{ name: "x", fabric: "auto", mtuBytes: 1500, seed: 1 },
      ...{ nodes: [], access: [], links: [], pairs: [], events: [] },
    },
    ...{ job: { use: "map", settings: {} }, operator: "map", durationMs },
    load: { steps: [{ ratePerSecond: 100, forMs: durationMs }] },
    engine: {
      ...{ use: "brume", bufferBytes: 1, batchRows: 1, flushMs: 1 },
      checkpoints: { everyMs: 0, store: "folder", mode: "aligned" },
    },
    autoscaler: { ...autoscaler, ...over },
    measure: { warmUpMs: 2_000, saturateMs: 5_000, holdMs: 6_000, lagMsMax: 500 },
  };
}
