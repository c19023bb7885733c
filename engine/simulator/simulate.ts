/**
 * One simulated run, all of it decided by a seed: a job on a cluster with faults, whose committed output must be what
 * the job's plain computation says, nothing lost, nothing doubled, each key in order.
 */
import { Flow } from "../dataflow/flow.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import { planJob } from "../dataflow/planner.ts";
import type { JobSpec } from "../runtime/messages.ts";
import { Cluster } from "./cluster.ts";
import { type Draws, draw } from "./draws.ts";
import { disturb, type FaultName } from "./faults.ts";
import { resultsFolder, type SimulatedJob, simulatedJobs } from "./jobs.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import { Random } from "./random.ts";
import { type SimulatedRow, simulatedRows } from "./rows.ts";

export type SimulateOptions = {
  /** One of `simulatedJobs`; drawn from the seed if left out. */
  readonly job?: string;
  readonly isDisturbed?: boolean;
  /** Of these kinds, in place of those that are drawn. */
  readonly faults?: readonly FaultName[];
  readonly bug?: PlantedBug;
};

export type SimulatedRun = {
  readonly seed: number;
  readonly job: string;
  readonly draws: Draws;
  readonly hash: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly attempts: number;
  /** Why the run is not as it must be; undefined when it is. */
  readonly failure: string | undefined;
  /** The last of what happened. */
  readonly trace: readonly string[];
};

const rowsPerSource = 150;
const datasets = 4;
const traceLines = 40;

export function simulate(seed: number, options: SimulateOptions = {}): SimulatedRun {
  const random = new Random(seed);
  const drawn = random.pick(Object.keys(simulatedJobs));
  const name = options.job ?? drawn;
  const job = simulatedJobs[name];
  if (job === undefined)
    throw new Error(`there is no job ${name} among ${Object.keys(simulatedJobs).join(", ")}`);
  const all = draw(random, options.isDisturbed ?? true);
  const { faults } = all;
  const draws = { ...all, faults: { ...faults, kinds: options.faults ?? faults.kinds } };
  const input = {
    left: rowsOf(random.between(1, datasets)),
    right: rowsOf(datasets + random.between(1, datasets)),
    batchRows: draws.sourceRows,
    restMs: draws.sourceRestMs,
  };
  const plans = new Map<string, JobPlan>();
  const plan = (spec: JobSpec): JobPlan => {
    const id = JSON.stringify([spec.parallelism, spec.parallelismOf]);
    const made = plans.get(id) ?? planOf(job, input, spec);
    plans.set(id, made);
    return made;
  };
  const cluster = new Cluster({ random, draws, use: name, plan, bug: options.bug });
  disturb(cluster);
  const failure = outcome(cluster, () => linesOf(job, input.left, input.right));
  const { trace } = cluster;
  return {
    seed,
    job: name,
    draws,
    hash: trace.hash,
    events: trace.events,
    virtualMs: cluster.elapsedMs,
    attempts: cluster.coordinator.core?.status().attempt ?? 0,
    failure,
    trace: trace.last(traceLines),
  };
}

function outcome(cluster: Cluster, expected: () => readonly string[]): string | undefined {
  let ended: string;
  try {
    ended = cluster.run();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (ended !== "finished")
    return `the job is ${ended}: ${cluster.coordinator.core?.status().failure?.message}`;
  return difference(expected(), written(cluster));
}

function planOf(job: SimulatedJob, input: Parameters<SimulatedJob["build"]>[1], spec: JobSpec): JobPlan {
  const flow = new Flow();
  job.build(flow, input);
  const { parallelism, maxParallelism, parallelismOf } = spec;
  return planJob(flow.graph, { name: spec.use, parallelism, maxParallelism, parallelismOf });
}

/** The lines of all published files. */
function written(cluster: Cluster): string[] {
  const lines: string[] = [];
  for (const bytes of cluster.files.contents((name) => /^out\/[^.]/.test(name)).values()) {
    lines.push(...new TextDecoder().decode(bytes).split("\n").slice(0, -1));
  }
  return lines;
}

/** Lines that there are more of on one side than on the other. */
function difference(expected: readonly string[], found: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) - 1);
  for (const line of found) counts.set(line, (counts.get(line) ?? 0) + 1);
  const lost = [...counts].filter(([, more]) => more < 0);
  const tooMany = [...counts].filter(([, more]) => more > 0);
  if (lost.length === 0 && tooMany.length === 0) return undefined;
  const some = (lines: readonly [string, number][]) =>
    lines.slice(0, 3).map(([line, more]) => `${more} ${line}`);
  return [
    `${expected.length} lines are expected in ${resultsFolder}, ${found.length} are there;`,
    `${lost.length} missing (${some(lost).join("; ")}), ${tooMany.length} too many (${some(tooMany).join("; ")})`,
  ].join(" ");
}

const rowsByDataset = new Map<number, readonly SimulatedRow[]>();
const linesByInput = new Map<SimulatedJob, Map<string, readonly string[]>>();

function rowsOf(dataset: number): readonly SimulatedRow[] {
  const rows = rowsByDataset.get(dataset) ?? simulatedRows(dataset, rowsPerSource);
  rowsByDataset.set(dataset, rows);
  return rows;
}

function linesOf(
  job: SimulatedJob,
  left: readonly SimulatedRow[],
  right: readonly SimulatedRow[],
): readonly string[] {
  const ofJob = linesByInput.get(job) ?? new Map<string, readonly string[]>();
  linesByInput.set(job, ofJob);
  const id = [left, right].map((rows) => [...rowsByDataset.values()].indexOf(rows)).join(" ");
  const lines = ofJob.get(id) ?? job.expected(left, right).map((line) => JSON.stringify(line));
  ofJob.set(id, lines);
  return lines;
}
