/** Loads a job's module once and makes its plans from then on. */
import { buildJob, loadJob } from "../dataflow/load-job.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { JobSpec } from "../runtime/messages.ts";

export type Planner = (job: JobSpec) => JobPlan;

/** A job's functions stay the same while the process lives, so its module is loaded once. */
export async function loadPlanner(use: string): Promise<Planner> {
  const definition = await loadJob(use);
  return (job) => buildJob(definition, job);
}
