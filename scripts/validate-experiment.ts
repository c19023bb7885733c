/** What `./brume validate` says of an experiment file that is right. */
import type { ExperimentSummary, Range } from "#lab/experiment/summary.ts";

const mostConditions = 12;

export function describeExperiment(file: string, summary: ExperimentSummary): string {
  const { conditions, runs, workers, generators, parallelism, policies, models } = summary;
  const rows: (readonly [string, string])[] = [
    ["job", `${summary.job}, operator ${summary.operator} at ${range(parallelism, String)}`],
    ["nodes", `${range(workers, String)} workers, ${range(generators, String)} generators`],
    ["load", `${range(summary.ratePerSecond, rate)} from each source`],
    ["policy", `${policies.join(", ")}, by model ${models.join(", ")}`],
    ["saves", summary.checkpoints.join("; ")],
    [
      "runs",
      `${runs}, ${duration(summary.durationMs)} of measuring${policies.includes("ladder") ? " at most" : ""}`,
    ],
  ];
  const swept = conditions.filter(({ name }) => name !== "");
  const shown = swept.slice(0, mostConditions).map(({ name, runs: count }) => `  ${name} × ${count}`);
  if (swept.length > mostConditions) shown.push(`  ... and ${swept.length - mostConditions} more`);
  return [
    `${file}: valid, experiment ${summary.name}`,
    ...rows.map(([word, text]) => `  ${word.padEnd(8)}  ${text}`),
    ...shown.map((line) => `  ${line}`),
  ].join("\n");
}

function range({ least, most }: Range, text: (value: number) => string): string {
  return least === most ? text(least) : `${text(least)} to ${text(most)}`;
}

function rate(perSecond: number): string {
  const [size, unit] = perSecond >= 1e6 ? [1e6, "M"] : perSecond >= 10_000 ? [1e3, "k"] : [1, ""];
  return `${Math.round((perSecond / size) * 100) / 100}${unit}/s`;
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 180_000) return `${Math.round(ms / 1000)} s`;
  return minutes < 180 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
