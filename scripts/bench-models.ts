/**
 * `./brume bench models RUN...`: what every model of today would have predicted in runs that were recorded before, against
 * what was measured in them. Nothing is run but the models.
 */
import { join } from "node:path";
import { models } from "#autoscaler/models/registry.ts";
import { type RecordedRun, type ReplayedStep, replay } from "#autoscaler/models/replay.ts";
import { runsFolder } from "#lab/records/runs-folder.ts";
import { median, quantileOf } from "#report/figures/statistics.ts";
import { findRuns } from "#report/record/find-runs.ts";
import { RecordError } from "#report/record/record-error.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { recordedRun } from "./recorded-run.ts";
import { table } from "./table.ts";

type Judged = ReplayedStep & { readonly run: string };

export const benchModels: Benchmark = {
  name: "models",
  summary: "what models would have predicted in past runs of policy ladder",
  operands: "RUN...",
  options: {},
  examples: [
    ["./brume bench models small-v1-map", "today's models on all recorded runs of an experiment"],
    ["./brume bench models small-v1-map/none.1 --format json", "one run, with every prediction"],
  ],
  async run(args, output) {
    const [, ...words] = args.positionals;
    if (words.length === 0)
      throw usageError("bench models: RUN is missing", "for example ./brume bench models EXPERIMENT/RUN");
    const folders = foldersOf(words);
    const steps: Judged[] = [];
    let usable = 0;
    for (const folder of folders) {
      const record = await recordedRun(folder);
      for (const warning of record.warnings) output.progress(warning);
      if ("unusable" in record) {
        output.progress(`${folder}: left out: ${record.unusable}`);
        continue;
      }
      usable++;
      const { name, run } = record;
      const made = Object.values(models).map((make) => make(run.world));
      const replayed = replay(run, made);
      steps.push(...replayed.map((step) => ({ ...step, run: name })));
      output.progress(`${name}: ${whyUnjudged(run, replayed) ?? "replayed"}`);
    }
    if (usable === 0) {
      const what = `bench models: no record of ${folders.length} can be used`;
      throw new UserError("not-a-run", what, "name runs that were begun, and whose records are whole", 2);
    }
    if (steps.length === 0) {
      const fix = "name runs of policy ladder: they measure what each parallelism sustains";
      throw new UserError("nothing-measured", "bench models: no run has anything to judge models by", fix);
    }
    const errors = errorsOf(steps);
    const byStep = steps.map(({ run, t, configuration, measured, predictions }) => ({
      run,
      t,
      nodes: configuration.seats.map(({ node }) => node),
      shares: configuration.seats.map(({ share }) => share),
      measured,
      predicted: Object.fromEntries(Object.entries(predictions).map(([name, { mst }]) => [name, mst])),
      binds: predictions.roofline?.binds?.text ?? null,
    }));
    output.result({ errors, steps: byStep }, report(steps, errors));
    return 0;
  },
};

function foldersOf(words: readonly string[]): string[] {
  try {
    return findRuns(words, runsFolder(join(import.meta.dirname, ".."), process.env)).folders;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new UserError(error.code, error.message, "", error.exitStatus, { cause: error });
  }
}

/** Why a run has no step to judge models by; undefined where it has some. */
function whyUnjudged({ decisions }: RecordedRun, steps: readonly ReplayedStep[]): string | undefined {
  if (steps.length > 0) return undefined;
  return decisions.some(({ is }) => is === "mst")
    ? "metrics.jsonl has no running moment before what was measured"
    : "nothing was measured there (no line `mst` in decisions.jsonl)";
}

type Errors = { model: string; count: number; median: number; p95: number; within: number };

function errorsOf(steps: readonly Judged[]): Errors[] {
  return Object.keys(models).flatMap((model) => {
    const told = steps.flatMap(({ measured, predictions }) => {
      const prediction = predictions[model];
      return prediction === undefined ? [] : [{ measured, ...prediction }];
    });
    const sizes = told.map(({ mst, measured }) => Math.abs(mst / measured - 1));
    const within = told.filter(({ low, high, measured }) => low <= measured && measured <= high).length;
    if (told.length === 0) return [];
    const [half, most] = [median(sizes)!, quantileOf(sizes, 0.95)!];
    return [{ model, count: told.length, median: half, p95: most, within: within / told.length }];
  });
}

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

function report(steps: readonly Judged[], errors: readonly Errors[]): string {
  const names = Object.keys(models);
  const rows = steps.map(({ run, configuration, measured, predictions }) => [
    run,
    configuration.seats.length,
    Math.round(measured),
    ...names.map((name) => {
      const mst = predictions[name]?.mst;
      return mst === undefined ? "" : `${Math.round(mst)} (${percent(mst / measured - 1)})`;
    }),
  ]);
  const summary = errors.map(({ model, count, median: half, p95, within }) => [
    ...[model, count, percent(half), percent(p95), percent(within)],
  ]);
  return [
    table(["run", "seats", "measured", ...names], rows),
    table(["model", "predictions", "median error", "95th percentile", "within its interval"], summary),
  ].join("\n\n");
}
