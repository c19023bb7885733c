/** Runs one of Nexmark's queries in the calling thread and gives its results. */
import { planDefinition } from "../../dataflow/plan-job.ts";
import { runInline } from "../../dataflow/run-inline.ts";
import { InMemoryFiles } from "../../sinks/sink-files-in-memory.ts";
import { builtInJobs } from "../registry.ts";
import type { Result } from "./reference-for-tests.ts";

export async function runQuery(
  query: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Result[]> {
  const job = await builtInJobs[`nexmark-${query}`]!();
  const files = new InMemoryFiles();
  const plan = planDefinition(job, { settings: { ...settings, out: "out" } });
  await runInline(plan, { nowMs: () => performance.now(), filesOf: () => files });
  return files.lines("out").map((line) => JSON.parse(line) as Result);
}

/** The same whatever the order, of results and of their properties. */
export const comparable = (results: readonly Result[]): string[] =>
  results.map((result) => JSON.stringify(Object.entries(result).sort())).sort();
