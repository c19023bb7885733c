/** The engine and the autoscaler of an experiment: their defaults, and what contradicts the topology or what there is. */
import { dirname, isAbsolute, join, resolve } from "node:path";
import { longestSearchMs } from "#lab/run/measure-mst.ts";
import type { Findings } from "#testbed/topology/findings.ts";
import type { AutoscalerPlan, EnginePlan, MeasurePlan, ModelName, PolicyName } from "./experiment.ts";
import type { ExperimentFile } from "./schema.ts";

/** Policies that were published with a model go by it. */
const modelOfPolicy: Partial<Readonly<Record<PolicyName, ModelName>>> = {
  gesscale: "gesscale",
  flink: "flink",
};

/** They share keys evenly, whatever is asked for. */
export const evenOnly: ReadonlySet<PolicyName> = new Set(["gesscale", "flink", "threshold"]);

/** All models look and predict in it. */
const leastTickMs = 100;

export function readEngine(file: ExperimentFile["engine"], findings: Findings): EnginePlan {
  const { use = "brume", checkpoints = {}, buffers = 32 * 2 ** 20, flush = 100 } = file ?? {};
  if (use === "flink") {
    const what = "use: there is no adapter for flink in this version";
    findings.refuse(["engine", "use"], "no-sense", what, "write use: brume, or leave it out");
  }
  const { every = 10_000, store = "folder", mode = "aligned" } = checkpoints;
  return {
    use,
    checkpoints: { everyMs: every, store: absolute(store, findings), mode },
    bufferBytes: buffers,
    batchRows: file?.["batch-rows"] ?? 4096,
    flushMs: flush,
  };
}

/** `folder:DIR` is relative to the file, as all names in it are. */
function absolute(store: string, findings: Findings): string {
  const folder = /^folder:(.+)$/.exec(store)?.[1];
  if (folder === undefined || isAbsolute(folder)) return store;
  return `folder:${resolve(join(dirname(findings.fileOf(["engine", "checkpoints", "store"])), folder))}`;
}

/** `workers`: how many worker nodes the topology has. */
export function readAutoscaler(
  file: ExperimentFile["autoscaler"],
  workers: number,
  findings: Findings,
): AutoscalerPlan {
  const {
    policy = "roofline",
    min = 1,
    max = Math.max(min, workers),
    how = "savepoint",
    tick = 1000,
  } = file ?? {};
  const refuse = (key: string, what: string, fix: string) =>
    findings.refuse(["autoscaler", key], "no-sense", `${key}: ${what}`, fix);
  if (how === "live") {
    refuse("how", "no engine here rescales without stopping yet", "write how: savepoint, or leave it out");
  }
  if (tick < leastTickMs) refuse("tick", "less than 100ms", "write 100ms or more");
  if (file?.shares === "capacity" && evenOnly.has(policy)) {
    const what = `policy ${policy} shares keys evenly and takes no other shares`;
    refuse("shares", what, "remove it, or choose policy roofline, manual or ladder");
  }
  if (min > max) refuse("min", `${min} is more than max, ${max}`, `write at most ${max}`);
  const seats = `the topology has ${workers} worker ${workers === 1 ? "node" : "nodes"}, each with one slot`;
  if (Math.max(min, max) > workers && workers > 0) {
    refuse(file?.max === undefined ? "min" : "max", seats, `write at most ${workers}, or add nodes`);
  }
  const steps = (file?.steps ?? []).map(({ at, parallelism }) => ({ atMs: at, parallelism }));
  for (const [index, { atMs, parallelism }] of steps.entries()) {
    const path = ["autoscaler", "steps", index];
    const before = steps[index - 1];
    if (before && atMs <= before.atMs) {
      findings.refuse(
        [...path, "at"],
        "no-sense",
        "at: not after the step before",
        "sort steps by their time",
      );
    }
    if (parallelism >= min && parallelism <= max) continue;
    const what = `parallelism: ${parallelism} is not from min ${min} to max ${max}`;
    findings.refuse([...path, "parallelism"], "out-of-range", what, "change it, or the bounds");
  }
  return {
    model: file?.model ?? modelOfPolicy[policy] ?? "roofline",
    policy,
    min,
    max,
    how,
    shares: file?.shares ?? (policy === "roofline" ? "capacity" : "even"),
    tickMs: tick,
    dryRun: file?.["dry-run"] ?? false,
    steps,
  };
}

/** A step of policy `manual` that the run does not last to would be left out without a word. */
export function checkSteps({ policy, steps }: AutoscalerPlan, durationMs: number, findings: Findings): void {
  if (policy !== "manual") return;
  for (const [index, { atMs }] of steps.entries()) {
    if (atMs < durationMs) continue;
    const what = `at: the step would come after the run's ${durationMs / 1000}s`;
    const path = ["autoscaler", "steps", index, "at"];
    findings.refuse(path, "no-sense", what, "rescale earlier, or lengthen duration");
  }
}

export function readMeasure(file: ExperimentFile["measure"]): MeasurePlan {
  const { "warm-up": warmUpMs = 4000, saturate = 8000, hold = 8000, lag = 1000 } = file ?? {};
  return { warmUpMs, saturateMs: saturate, holdMs: hold, lagMsMax: lag };
}

const rescaleMs = 20_000;

/** A search for each parallelism, and a rescale with its savepoint. */
export function longestLadderMs({ min, max }: AutoscalerPlan, measure: MeasurePlan): number {
  return (max - min + 1) * (longestSearchMs(measure) + rescaleMs);
}
