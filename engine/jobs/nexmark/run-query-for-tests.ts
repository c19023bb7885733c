/** Runs one of Nexmark's queries and gives its results: in the calling thread, or on as many workers in virtual time. */
import { planDefinition } from "../../dataflow/plan-job.ts";
import { runInline } from "../../dataflow/run-inline.ts";
import { LocalCluster } from "../../runtime/local-cluster-for-tests.ts";
import { InMemoryFiles } from "../../sinks/sink-files-in-memory.ts";
import { builtInJobs } from "../registry.ts";
import type { Result } from "./reference-for-tests.ts";

export async function runQuery(
  query: string,
  settings: Readonly<Record<string, unknown>>,
  parallelism = 1,
): Promise<Result[]> {
  const job = await builtInJobs[`nexmark-${query}`]!();
  const files = new InMemoryFiles();
  const plan = () => planDefinition(job, { settings: { ...settings, out: "out" }, parallelism });
  if (parallelism === 1) await runInline(plan(), { nowMs: ownTime(), filesOf: () => files });
  else {
    const cluster = new LocalCluster({ workers: parallelism, plan, files });
    cluster.start();
    cluster.runToEnd();
    cluster.takeCheckpoint("final", "aligned");
    cluster.close();
  }
  return files.lines("out").map((line) => JSON.parse(line) as Result);
}

/** Goes on with each look at it: by the machine's, a window of the clock's would end wherever the machine is slow. */
function ownTime(): () => number {
  let nowMs = 0;
  return () => (nowMs += 0.01);
}

/** The same whatever the order, of results and of their properties. */
export const comparable = (results: readonly Result[]): string[] =>
  results.map((result) => JSON.stringify(Object.entries(result).sort())).sort();
