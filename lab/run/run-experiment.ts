/**
 * All runs of an experiment, one after the other on one lab. What was done already is left; everything that can be known
 * to be wrong beforehand is told before anything is started.
 */
import { join } from "node:path";
import { minioProgram } from "#engine/checkpoint/stores/minio-server.ts";
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import type { Experiment, RunPlan } from "#lab/experiment/experiment.ts";
import { fingerprintOf } from "#lab/experiment/fingerprint.ts";
import type { RecordClock, RecordedLine } from "#lab/records/run-record.ts";
import { isDone } from "#lab/records/runs-folder.ts";
import type { RunOutcome, Summary } from "#lab/records/summary.ts";
import { brumeVersion, machineFacts } from "#lab/records/this-machine.ts";
import { LabFolder } from "#testbed/lab.ts";
import { provision } from "#testbed/provision.ts";
import { stateFolder } from "#testbed/state-folder.ts";
import { UserError } from "#testbed/user-error.ts";
import { storeIsOurs } from "./checkpoint-store.ts";
import { isMadeByRun, LabOfRuns } from "./lab-of-runs.ts";
import type { LiveStatus } from "./live-status.ts";
import { runOnce } from "./run-once.ts";

export type RunChoice = {
  /** Of one condition, or one repeat, alone. */
  readonly only?: string;
  readonly repeat?: number;
  /** Runs that are done, too. */
  readonly again: boolean;
};

export type ChosenRun = {
  readonly plan: RunPlan;
  readonly folder: string;
  readonly fingerprint: string;
  readonly isDone: boolean;
};

export function chooseRuns(experiment: Experiment, runsFolder: string, choice: RunChoice): ChosenRun[] {
  const { only, repeat, again } = choice;
  const conditions = [...new Set(experiment.runs.map(({ condition }) => condition))];
  if (only !== undefined && !conditions.includes(only)) {
    const fix = conditions[0] === "" ? "leave it out: nothing is swept" : `one of: ${conditions.join(", ")}`;
    throw new UserError("no-such-condition", `${experiment.name} has no condition ${only}`, fix, 2);
  }
  const chosen = experiment.runs.filter(
    (plan) =>
      (only === undefined || plan.condition === only) && (repeat === undefined || plan.repeat === repeat),
  );
  if (chosen.length === 0) {
    const most = Math.max(...experiment.runs.map((plan) => plan.repeat));
    throw new UserError("no-such-repeat", `${experiment.name} has no repeat ${repeat}`, `at most ${most}`, 2);
  }
  return chosen.map((plan) => {
    const folder = join(runsFolder, experiment.name, plan.run);
    const fingerprint = fingerprintOf(plan);
    return { plan, folder, fingerprint, isDone: !again && isDone(folder, fingerprint) };
  });
}

/** Refuses what no run of it could do, with the reason. */
export async function checkRuns(
  runs: readonly ChosenRun[],
  environment: Environment,
  root = stateFolder(),
): Promise<void> {
  for (const { plan } of runs) {
    // A lab that a run left, or that is still at one, is changed or made anew: what it is now stands in nobody's way.
    const isNew = isMadeByRun(new LabFolder(plan.topology.name, root));
    await provision(plan.topology, { dryRun: true, root: isNew ? join(root, "no-labs") : root });
    if (plan.engine.checkpoints.store === "minio" && storeIsOurs(environment)) minioProgram(environment);
  }
}

export type RunOptions = {
  readonly file: string;
  /** The folder with brume's package.json. */
  readonly root: string;
  /** Of labs' records. */
  readonly stateFolder: string;
  readonly environment: Environment;
  readonly keepLab: boolean;
  readonly strict: boolean;
  readonly signal: AbortSignal;
};

export type RunEdges = {
  readonly clock: RecordClock;
  sleep(ms: number): Promise<void>;
  /** `index` of `count` runs. */
  begins(run: ChosenRun, index: number, count: number): void;
  tell(status: LiveStatus): void;
  /** What a person should know of what could not be done to its end, such as at a machine that does not answer. */
  note(text: string): void;
  /** Each line of a run's record, as it is written. */
  hear(recorded: RecordedLine): void;
  /** Its record is complete. */
  ended(run: ChosenRun, summary: Summary): Promise<void>;
};

export type DoneRun = {
  readonly run: string;
  readonly folder: string;
  readonly outcome: RunOutcome | "was done";
  readonly summary?: Summary;
};

/** A run that failed does not keep the others from being done; an interrupted one ends it all. */
export async function doRuns(
  runs: readonly ChosenRun[],
  options: RunOptions,
  edges: RunEdges,
): Promise<DoneRun[]> {
  const { file, root, stateFolder, keepLab, strict, environment, signal } = options;
  const about = { file, brume: brumeVersion(root), node: process.version, machine: machineFacts() };
  const results: DoneRun[] = [];
  let labs: LabOfRuns | undefined;
  try {
    for (const [index, run] of runs.entries()) {
      const { plan, folder, fingerprint } = run;
      if (signal.aborted) break;
      if (run.isDone) {
        results.push({ run: plan.run, folder, outcome: "was done" });
        continue;
      }
      edges.begins(run, index, runs.length);
      const { clock, sleep, tell, note, hear } = edges;
      labs ??= new LabOfRuns(plan.topology.name, { root: stateFolder, keep: keepLab, signal, note });
      const summary = await runOnce({
        ...{ plan, folder, labs, environment, clock, strict, signal, tell, hear, sleep },
        about: { ...about, fingerprint },
      });
      results.push({ run: plan.run, folder, outcome: summary.outcome, summary });
      await edges.ended(run, summary);
    }
  } finally {
    await labs?.end();
  }
  return results;
}
