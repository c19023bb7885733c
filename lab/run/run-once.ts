/**
 * One run from its plan to its summary: the lab, its links verified, the coordinates of its nodes, the store, the job, and
 * then the hours that `conduct.ts` has. However it ends, what was started is taken away and the record says how it was.
 */
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import { EngineError } from "#engine/engine-error.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import { type ManifestParts, manifestOf } from "#lab/records/manifest.ts";
import { type RecordClock, type RecordedLine, RunRecord } from "#lab/records/run-record.ts";
import { type RunOutcome, type Summary, SummaryFigures } from "#lab/records/summary.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { labFacts, notEnforced } from "./lab-facts.ts";
import type { LabOfRuns } from "./lab-of-runs.ts";
import type { LiveStatus } from "./live-status.ts";
import { nodeMachines } from "./node-machines.ts";
import { runJob } from "./run-job.ts";
import { refuseOff, verifyLinks, whyOff } from "./verify-links.ts";

export type RunOnceParts = {
  readonly plan: RunPlan;
  /** Of the record. */
  readonly folder: string;
  readonly labs: LabOfRuns;
  readonly about: Pick<ManifestParts, "file" | "fingerprint" | "brume" | "node" | "machine">;
  readonly environment: Environment;
  readonly clock: RecordClock;
  /** A lab whose links are off is refused. */
  readonly strict: boolean;
  readonly signal: AbortSignal;
  tell(status: LiveStatus): void;
  hear(recorded: RecordedLine): void;
  sleep(ms: number): Promise<void>;
};

/** What a run's parts share. */
export type RunContext = RunOnceParts & {
  readonly record: RunRecord;
  readonly figures: SummaryFigures;
  /** A new phase: in the timeline, and for whoever watches. */
  phase(what: string): void;
  warn(text: string): void;
};

/** A mistake of ours is thrown once the record is complete; what a person can mend is the run's outcome. */
export async function runOnce(parts: RunOnceParts): Promise<Summary> {
  const { plan, folder, labs, about, clock, signal, tell } = parts;
  const record = new RunRecord(folder, clock, parts.hear);
  const figures = new SummaryFigures(plan.measure.lagMsMax);
  const context: RunContext = {
    ...parts,
    ...{ record, figures },
    phase(what) {
      record.event("phase", what);
      tell({ run: plan.run, atMs: record.nowMs(), doing: what });
    },
    warn(text) {
      record.event("warning", text);
      figures.warning(text);
    },
  };
  const manifest = { ...about, plan, startedAt: record.startedAt };
  record.manifest(manifestOf({ ...manifest, notEnforced: [] }));
  let outcome: RunOutcome = "done";
  let because: string | undefined;
  let ours: unknown;
  try {
    context.phase("provision");
    const lab = await labs.ready(plan.topology);
    const { fabric } = await lab.keeper.ask("GET /status");
    const machines = await nodeMachines(lab);
    const facts = labFacts(lab, fabric, machines);
    record.manifest(manifestOf({ ...manifest, lab: facts, notEnforced: notEnforced(lab) }));
    const verification = await verified(lab, context);
    await runJob({ lab, machines, verification }, context);
    if (signal.aborted) outcome = "interrupted";
  } catch (error) {
    outcome = signal.aborted ? "interrupted" : "failed";
    if (!signal.aborted) because = error instanceof Error ? error.message : String(error);
    if (!signal.aborted && !(error instanceof UserError || error instanceof EngineError)) ours = error;
  }
  if (outcome !== "done") labs.distrust();
  const summary = figures.summary(outcome, record.nowMs() / 1000, because);
  record.end(summary);
  if (ours !== undefined) throw ours;
  return summary;
}

async function verified(lab: Lab, context: RunContext): Promise<VerificationReport | undefined> {
  const { plan, record, signal, strict, phase, warn } = context;
  phase("verify");
  const report = await verifyLinks(lab, plan.seed, signal);
  if (report === undefined) return undefined;
  record.verification(report);
  const off = whyOff(report);
  if (off !== undefined && strict) throw refuseOff(lab.folder.name, off);
  if (off !== undefined) warn(`links are not as asked: ${off}`);
  return report;
}
