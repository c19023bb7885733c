/** From an experiment file to the plan of each of its runs. Every mistake in it is one ExperimentError with its place. */
import { readFileSync } from "node:fs";
import { loadJob } from "#engine/dataflow/load-job.ts";
import { Findings } from "#testbed/topology/findings.ts";
import { checkName, readWrittenFile } from "#testbed/topology/load.ts";
import { mistakesOf } from "#testbed/topology/schema-mistakes.ts";
import { type Mistake, MistakesError } from "#testbed/topology/topology-error.ts";
import { plainValue, readYaml, type Tree } from "#testbed/topology/yaml-tree.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import type { Experiment, RunPlan } from "./experiment.ts";
import { ExperimentError, experimentKind } from "./experiment-error.ts";
import { checkSteps, longestLadderMs, readAutoscaler, readEngine, readMeasure } from "./read-engine.ts";
import { type JobEffects, operatorOf, readJob } from "./read-job.ts";
import { readLoad } from "./read-load.ts";
import { Topologies } from "./read-topology.ts";
import { experimentFile } from "./schema.ts";
import { childOf, layOver } from "./tree-edit.ts";

const defaultDurationMs = 180_000;
/** A week: a curve has a step for each second, and each run's plan and manifest hold all of them. */
const durationMsMost = 7 * 24 * 3_600_000;

/**
 * Reads the file, the topology, job and trace files that it names relative to itself, and theirs. `nodes` is YAML, as the
 * key of that name takes it: every condition is run on such nodes, and called after them.
 */
export async function loadExperiment(path: string, nodes?: string): Promise<Experiment> {
  return await asExperiment(async () => {
    const text = await readWrittenFile(path, experimentKind);
    return await readExperiment(text, path, nodes);
  });
}

/** The same of its text: a pipe has it only for the first who asks. */
export async function readExperiment(text: string, path: string, nodes?: string): Promise<Experiment> {
  const readSide = (side: string) => readFileSync(side, "utf8");
  return await asExperiment(() => parseExperiment(text, path, { loadJob, readSide }, nodes));
}

async function asExperiment(read: () => Promise<Experiment>): Promise<Experiment> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MistakesError) || error instanceof ExperimentError) throw error;
    throw new ExperimentError(error.mistakes);
  }
}

/** Does nothing but by `effects`. */
export async function parseExperiment(
  text: string,
  fileName: string,
  effects: JobEffects,
  nodes?: string,
): Promise<Experiment> {
  const tree = sweptNodes(readYaml(text, fileName, experimentKind), nodes);
  const findings = new Findings(tree);
  const conditions = conditionsOf(tree, findings);
  const topologies = new Topologies(effects.readSide);
  const runs: RunPlan[] = [];
  const mistakes: Mistake[] = [...findings.mistakes];
  for (const condition of conditions) {
    const read = await readCondition(condition, topologies, effects);
    if ("mistakes" in read) mistakes.push(...read.mistakes);
    else runs.push(...read.runs);
  }
  if (mistakes.length === 0) mistakes.push(...unused(tree, runs));
  if (mistakes.length > 0) throw new ExperimentError(once(mistakes));
  return { name: runs[0]!.experiment, file: fileName, runs };
}

/** As the one value of an axis, it stands in the names of runs: their records lie beside those of other kinds. */
function sweptNodes(tree: Tree, nodes: string | undefined): Tree {
  if (nodes === undefined) return tree;
  const value = readYaml(nodes, "--nodes", experimentKind);
  const axis: Tree = { place: value.place, kind: "list", items: [value] };
  return layOver(tree, ["sweep", "nodes"], axis, value.place);
}

type ReadCondition = { runs: readonly RunPlan[] } | { mistakes: readonly Mistake[] };

async function readCondition(
  { name: condition, parameters, tree }: Condition,
  topologies: Topologies,
  effects: JobEffects,
): Promise<ReadCondition> {
  const checked = experimentFile.safeParse(plainValue(tree));
  if (!checked.success) return { mistakes: mistakesOf(checked.error.issues, tree) };
  const file = checked.data;
  const findings = new Findings(tree);
  checkName(file.name, findings);
  const { repeat: repeats = 1, seed = 1 } = file;
  const topology = topologies.of(tree, file.name, seed, findings);
  const read = await readJob(file.job, findings, effects);
  const operator = read && operatorOf(file.autoscaler?.operator, read, findings);
  const engine = readEngine(file.engine, findings);
  const workers = topology?.nodes.filter(({ role }) => role === "worker").length ?? 0;
  const autoscaler = readAutoscaler(file.autoscaler, workers, findings);
  const measure = readMeasure(file.measure);
  const load = readLoad(file.load, findings, effects.readSide);
  const isLadder = autoscaler.policy === "ladder";
  const ownMs = isLadder ? longestLadderMs(autoscaler, measure) : load.lengthMs;
  const durationMs = durationOf(file.duration, findings) ?? ownMs ?? defaultDurationMs;
  const steps = load.stepsFor(durationMs);
  checkSteps(autoscaler, durationMs, findings);
  if (!topology || !read || operator === undefined || findings.mistakes.length > 0) {
    return { mistakes: findings.mistakes };
  }
  const runs = Array.from({ length: repeats }, (_, index): RunPlan => {
    const repeat = index + 1;
    return {
      experiment: file.name,
      run: condition === "" ? `${repeat}` : `${condition}.${repeat}`,
      ...{ condition, parameters, repeat, seed: seed + index },
      topology: { ...topology, seed: seed + index },
      ...{ job: read.job, operator, load: { steps }, engine, autoscaler, measure, durationMs },
    };
  });
  return { runs };
}

/** As written; undefined where nothing is, or after it was refused. */
function durationOf(written: number | undefined, findings: Findings): number | undefined {
  if (written === undefined || written <= durationMsMost) return written;
  findings.refuse(["duration"], "out-of-range", "duration: more than a week", "write at most 168h");
  return undefined;
}

/** What is written for a policy that no condition has would be done without a word. */
function unused(tree: Tree, runs: readonly RunPlan[]): Mistake[] {
  const has = (policy: string) => runs.some(({ autoscaler }) => autoscaler.policy === policy);
  const findings = new Findings(tree);
  if (childOf(tree, "measure") !== undefined && !has("ladder")) {
    const what = "measure: only policy ladder measures, and no condition has it";
    findings.refuseKey(["measure"], "no-sense", what, "write autoscaler: { policy: ladder }, or remove it");
  }
  if (childOf(childOf(tree, "autoscaler"), "steps") !== undefined && !has("manual")) {
    const what = "steps: only policy manual takes them, and no condition has it";
    findings.refuseKey(["autoscaler", "steps"], "no-sense", what, "write policy: manual, or remove them");
  }
  return findings.mistakes;
}

/** Conditions share most of a file, and so its mistakes. */
function once(mistakes: readonly Mistake[]): Mistake[] {
  const key = ({ place: { file, line, column }, what }: Mistake) => `${file}:${line}:${column}:${what}`;
  return [...new Map(mistakes.map((mistake) => [key(mistake), mistake])).values()];
}
