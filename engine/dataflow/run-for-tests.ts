/** Runs small flows in the test's own thread, and gives the rows that come out, in their order. */

import type { Fields } from "../records/schema.ts";
import { collectSink } from "../sinks/collect.ts";
import { Flow } from "./flow.ts";
import type { JobPlan } from "./plan.ts";
import { planJob } from "./planner.ts";
import { runInline } from "./run-inline.ts";
import type { Stream } from "./stream.ts";

export type Written = { readonly flow: Flow; readonly plan: (parallelism?: number) => JobPlan };

export function written(write: (flow: Flow) => void): Written {
  const flow = new Flow();
  write(flow);
  const plan = (parallelism = 1) =>
    planJob(flow.graph, { name: "test", parallelism, maxParallelism: 128, parallelismOf: {} });
  return { flow, plan };
}

export async function rowsOf<F extends Fields>(write: (flow: Flow) => Stream<F>): Promise<unknown[]> {
  const rows: unknown[] = [];
  const { plan } = written((flow) => write(flow).sink(collectSink((row) => rows.push(row))));
  await runInline(plan(), { nowMs: () => 0 });
  return rows;
}
