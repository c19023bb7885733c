/** What tells whether a run's record is of the same run: a digest of all that its plan says, whatever order it is in. */
import { createHash } from "node:crypto";
import type { RunPlan } from "./experiment.ts";

/**
 * Neither what the run is called nor where its job's file lies counts, but what is in the file. What that file imports
 * does not.
 */
export function fingerprintOf({
  experiment: _name,
  run: _run,
  condition: _condition,
  parameters: _parameters,
  ...plan
}: RunPlan): string {
  const { use, digest, settings } = plan.job;
  const topology = { ...plan.topology, name: "" };
  const counted = { ...plan, topology, job: { use: digest ?? use, settings } };
  return createHash("sha256").update(canonical(counted)).digest("hex");
}

/** JSON with keys in order, and without members that are undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
