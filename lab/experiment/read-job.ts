/** The job of an experiment: that it exists, that it has the settings which are given, and which operator is scaled. */
import { createHash } from "node:crypto";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { LoadedJob } from "#engine/dataflow/load-job.ts";
import type { JobPlan, OperatorPlan } from "#engine/dataflow/plan.ts";
import { readSettings } from "#engine/dataflow/settings.ts";
import { EngineError } from "#engine/engine-error.ts";
import { closestName } from "#testbed/topology/close-names.ts";
import type { Findings } from "#testbed/topology/findings.ts";
import { type Complaint, quote } from "#testbed/topology/topology-error.ts";
import type { Reading } from "#testbed/topology/units.ts";
import { complaintOf, reading } from "./engine-words.ts";
import type { JobPart } from "./experiment.ts";
import type { ExperimentFile } from "./schema.ts";

export type JobEffects = {
  loadJob(use: string): Promise<LoadedJob>;
  /** Throws where there is no such file. */
  readSide(path: string): string;
};

export type ReadJob = { readonly job: JobPart; readonly plan: JobPlan };

/** What a run sets by itself, and what says it instead. */
const ofTheRun: Readonly<Record<string, string>> = {
  rate: "write it as load: { rate: 50k/s }",
  pacedBy: "remove it: sources make what the load says",
  eventRate: "remove it: event time is when a record is due by the load",
  events: "remove it: a run ends by its duration",
  out: "remove it: results are counted, and their latency measured",
  sink: "remove it: results are counted, and their latency measured",
  generators: "remove it: sources run on the nodes of role generator",
};

/** Undefined after a mistake was noted. */
export async function readJob(
  { use: written, ...settings }: ExperimentFile["job"],
  findings: Findings,
  { loadJob, readSide }: JobEffects,
): Promise<ReadJob | undefined> {
  const isFile = /[/\\]|\.[cm]?[jt]s$/.test(written);
  const beside = dirname(findings.fileOf(["job", "use"]));
  const use = !isFile || isAbsolute(written) ? written : resolve(join(beside, written));
  const loaded = await loadJob(use).catch((error: unknown) => complain(error, ["job", "use"], findings));
  if (!loaded) return undefined;
  const known = findings.mistakes.length;
  for (const name of Object.keys(settings)) checkSetting(name, settings[name], loaded, findings);
  if (findings.mistakes.length > known) return undefined;
  // With one subtask each, all of a job may be one task.
  const planned = (given: typeof settings) =>
    reading(() => loaded.plan(loaded, { settings: given, parallelism: 2 }));
  const read = planned(settings);
  if ("complaint" in read) {
    refusePlan(read.complaint, settings, planned, findings);
    return undefined;
  }
  const digest = isFile ? { digest: digestOf(readSide(use)) } : {};
  return { plan: read.value, job: { use, ...digest, settings, defaults: defaultsBeside(settings, loaded) } };
}

/** Of the settings that an experiment may write and this one does not. */
function defaultsBeside(written: Settings, { settings: kinds }: LoadedJob): Record<string, string> {
  const left = Object.entries(kinds).filter(
    ([name, { default: value }]) =>
      value !== undefined && !Object.hasOwn(written, name) && !Object.hasOwn(ofTheRun, name),
  );
  return Object.fromEntries(left.map(([name, { default: value }]) => [name, String(value)]));
}

type Settings = Readonly<Record<string, string>>;

/** A job does not say which setting it could make nothing of: it is the one that alone has the same refused. */
function refusePlan(
  complaint: Complaint,
  settings: Settings,
  planned: (given: Settings) => Reading<JobPlan>,
  findings: Findings,
): void {
  const name = Object.keys(settings).find((each) => {
    const alone = planned({ [each]: settings[each]! });
    return "complaint" in alone && alone.complaint.what === complaint.what;
  });
  if (name === undefined) return void findings.take(["job"], { complaint });
  const isNamed = complaint.what.split(/\W+/).includes(name);
  const what = isNamed ? complaint.what : `${name}: ${complaint.what}`;
  findings.take(["job", name], { complaint: { ...complaint, what } });
}

/** The id that is given, or that of the only operator by key. Undefined after a mistake was noted. */
export function operatorOf(
  given: string | undefined,
  { plan, job }: ReadJob,
  findings: Findings,
): string | undefined {
  // What runs with a source runs on the sources' nodes, as many times as the source.
  const operators = plan.tasks
    .filter((task) => !task.operators.some(isSource))
    .flatMap((task) => task.operators);
  const path = given === undefined ? ["autoscaler"] : ["autoscaler", "operator"];
  const ids = operators.map(({ id }) => id);
  if (ids.length === 0) {
    const what = `use: job ${job.use} has no operator by key, so that there is nothing to scale`;
    findings.refuse(["job", "use"], "no-sense", what, "choose another job, such as map or windowed-join");
    return undefined;
  }
  if (given !== undefined && ids.includes(given)) return given;
  const keyed = [...new Set(operators.filter(({ key }) => key !== undefined).map(({ id }) => id))];
  if (given === undefined && keyed.length === 1) return keyed[0];
  const choices = given === undefined && keyed.length > 0 ? keyed : ids;
  const close = given === undefined ? undefined : closestName(given, choices);
  const fix = close
    ? `did you mean ${close}? (one of: ${choices.join(", ")})`
    : `one of: ${choices.join(", ")}`;
  const what =
    given === undefined
      ? `operator: is missing, and job ${job.use} has ${keyed.length === 0 ? "none" : "several"} by key`
      : `operator: job ${job.use} has no operator ${quote(given)} that can be scaled`;
  findings.refuse(path, given === undefined ? "missing-key" : "bad-value", what, fix);
  return undefined;
}

const isSource = ({ make }: OperatorPlan): boolean => "source" in make;

function checkSetting(
  name: string,
  value: unknown,
  { name: job, settings: kinds }: LoadedJob,
  findings: Findings,
): void {
  const path = ["job", name];
  if (!Object.hasOwn(kinds, name)) {
    const names = Object.keys(kinds).filter((each) => !Object.hasOwn(ofTheRun, each));
    const close = closestName(name, names);
    const list = names.length === 0 ? "it has none" : `it has: ${names.join(", ")}`;
    const fix = close ? `did you mean ${close}? (${list})` : list;
    findings.refuseKey(path, "unknown-key", `job ${job} has no setting ${quote(name)}`, fix);
    return;
  }
  const instead = ofTheRun[name];
  if (instead !== undefined) {
    findings.refuseKey(path, "no-sense", `${name}: is set by the experiment's run`, instead);
    return;
  }
  const read = reading(() => readSettings(job, kinds, { [name]: value }));
  if ("complaint" in read)
    findings.take(path, { complaint: shortened(read.complaint, `job ${job}, setting `) });
}

function shortened({ what, ...rest }: Complaint, prefix: string): Complaint {
  return { ...rest, what: what.startsWith(prefix) ? what.slice(prefix.length) : what };
}

function complain(error: unknown, path: readonly string[], findings: Findings): undefined {
  if (!(error instanceof EngineError)) throw error;
  const complaint = complaintOf(error);
  const isBroken = error.code === "bad-job-file";
  findings.take(path, { complaint: isBroken ? { ...complaint, fix: brokenFix } : complaint });
}

/** What went wrong stands in the message; a file that lies elsewhere finds none of brume's modules. */
const brokenFix = "mend the file, which has to lie below brume's own folder (docs/writing-jobs.md)";

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
