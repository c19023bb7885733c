/**
 * `./brume bench models RUN...`: what every model of today would have predicted in runs that were recorded before, against
 * what was measured in them. Nothing is run but the models.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { models } from "#autoscaler/models/registry.ts";
import {
  type BelievedLine,
  type DecidedLine,
  type MomentLine,
  type RecordedRun,
  type ReplayedStep,
  replay,
} from "#autoscaler/models/replay.ts";
import type { World } from "#autoscaler/observation.ts";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Manifest } from "#lab/records/manifest.ts";
import { runsFolder } from "#lab/records/runs-folder.ts";
import { jobShape } from "#lab/run/job-shape.ts";
import { accessRates, worldOf } from "#lab/run/world.ts";
import { median, quantileOf } from "#report/figures/statistics.ts";
import { findRuns } from "#report/record/find-runs.ts";
import { readLines } from "#report/record/read-lines.ts";
import { RecordError } from "#report/record/record-error.ts";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { table } from "./table.ts";

type Judged = ReplayedStep & { readonly run: string };

export const benchModels: Benchmark = {
  name: "models",
  summary: "what models would have predicted in runs of the past",
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
    for (const folder of folders) {
      const { name, run } = await recorded(folder);
      const made = Object.values(models).map((make) => make(run.world));
      steps.push(...replay(run, made).map((step) => ({ ...step, run: name })));
      output.progress(`${name}: replayed`);
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
    return steps.length === 0 ? 1 : 0;
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

async function recorded(folder: string): Promise<{ name: string; run: RecordedRun }> {
  const manifest = documentOf<Manifest>(folder, "manifest.json");
  if (manifest?.plan === undefined)
    throw new UserError("not-a-run", `${folder}: its manifest cannot be read`, "name a run that was begun");
  const { plan } = manifest;
  const lines = async <Line>(file: string): Promise<Line[]> =>
    (await readLines(join(folder, file), file, z.custom<Line>(isLine)))?.lines ?? [];
  const verification = documentOf<VerificationReport>(folder, "verify.json");
  const run = {
    world: await worldBefore(manifest),
    access: accessRates(plan.topology, verification),
    warmUpMs: plan.measure.warmUpMs,
    moments: await lines<MomentLine>("metrics.jsonl"),
    decisions: await lines<DecidedLine>("decisions.jsonl"),
    network: await lines<BelievedLine>("network.jsonl"),
  };
  return { name: `${manifest.experiment}/${manifest.run}`, run };
}

const isLine = (line: unknown) =>
  typeof line === "object" && line !== null && "t" in line && typeof line.t === "number";

/** Undefined where there is none, or it was being written. */
function documentOf<Document>(folder: string, file: string): Document | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, file), "utf8")) as Document;
  } catch {
    return undefined;
  }
}

/** What models were told when the run began. */
async function worldBefore(manifest: Manifest): Promise<World> {
  const plan = manifest.plan as RunPlan;
  const planner = await loadPlanner(plan.job.use);
  const shape = jobShape(
    planner({ ...plan.job, parallelism: 1, maxParallelism: 128, parallelismOf: {} }),
    plan.operator,
  );
  const named = (role: string) =>
    plan.topology.nodes.filter((node) => node.role === role).map(({ name }) => name);
  const workers = (manifest.lab?.nodes ?? []).filter(({ role }) => role === "worker");
  const fastest = Math.max(...workers.map(({ speed = 0 }) => speed));
  const speeds = new Map(
    workers.flatMap(({ name, speed }) => (speed === undefined ? [] : [[name, speed / fastest] as const])),
  );
  const store = plan.engine.checkpoints.store === "minio" ? named("store")[0] : undefined;
  return worldOf({ plan, shape, sources: named("generator"), speeds, store });
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
