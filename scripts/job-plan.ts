/** `./brume job NAME --plan`: what would run, without running it. */
import { describePlan, planDocument } from "#engine/dataflow/describe-plan.ts";
import { buildJob, loadJob } from "#engine/dataflow/load-job.ts";
import { jobSpecOf } from "./job-request.ts";
import type { Arguments, ExitStatus, Output } from "./verb.ts";

export async function showPlan(use: string, args: Arguments, output: Output): Promise<ExitStatus> {
  const spec = jobSpecOf(use, args);
  const plan = buildJob(await loadJob(spec.use), spec);
  output.result(planDocument(plan), describePlan(plan));
  return 0;
}
