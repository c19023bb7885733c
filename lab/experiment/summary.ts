/** What an experiment comes to, for people who are about to start it. Pure. */
import type { Experiment, RunPlan } from "./experiment.ts";

export type ExperimentSummary = {
  readonly name: string;
  readonly job: string;
  readonly operator: string;
  /** Each with how often it is run. */
  readonly conditions: readonly { readonly name: string; readonly runs: number }[];
  readonly runs: number;
  /** Least and most over all runs. */
  readonly workers: Range;
  readonly generators: Range;
  readonly parallelism: Range;
  readonly policies: readonly string[];
  readonly models: readonly string[];
  readonly ratePerSecond: Range;
  readonly checkpoints: readonly string[];
  /** Without provisioning. Of policy `ladder` the longest that it may take. */
  readonly durationMs: number;
};

export type Range = { readonly least: number; readonly most: number };

export function summarizeExperiment({ name, runs }: Experiment): ExperimentSummary {
  const conditions = new Map<string, number>();
  for (const { condition } of runs) conditions.set(condition, (conditions.get(condition) ?? 0) + 1);
  const rates = runs.flatMap(({ load }) => load.steps.map(({ ratePerSecond }) => ratePerSecond));
  return {
    name,
    job: distinct(runs, ({ job }) => job.use).join(", "),
    operator: distinct(runs, ({ operator }) => operator).join(", "),
    conditions: [...conditions].map(([condition, count]) => ({ name: condition, runs: count })),
    runs: runs.length,
    workers: range(runs.map((run) => countOf(run, "worker"))),
    generators: range(runs.map((run) => countOf(run, "generator"))),
    parallelism: range(runs.flatMap(({ autoscaler }) => [autoscaler.min, autoscaler.max])),
    policies: distinct(runs, ({ autoscaler }) => autoscaler.policy),
    models: distinct(runs, ({ autoscaler }) => autoscaler.model),
    ratePerSecond: range(rates),
    checkpoints: distinct(runs, ({ engine: { checkpoints } }) => checkpointText(checkpoints)),
    durationMs: runs.reduce((total, run) => total + run.durationMs, 0),
  };
}

function checkpointText({ everyMs, store, mode }: RunPlan["engine"]["checkpoints"]): string {
  return everyMs === 0 ? "none" : `every ${everyMs / 1000} s to ${store}, ${mode}`;
}

const countOf = ({ topology }: RunPlan, role: string): number =>
  topology.nodes.filter((node) => node.role === role).length;

const distinct = (runs: readonly RunPlan[], word: (run: RunPlan) => string): string[] => [
  ...new Set(runs.map(word)),
];

const range = (values: readonly number[]): Range => ({
  least: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  most: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
});
