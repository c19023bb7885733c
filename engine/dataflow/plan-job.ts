/** From a job's definition and what is asked of it to its plan. */
import { Flow } from "./flow.ts";
import type { JobDefinition } from "./job.ts";
import type { JobPlan } from "./plan.ts";
import { defaultMaxParallelism, planJob } from "./planner.ts";
import { readSettings } from "./settings.ts";

export type JobRequest = {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  readonly parallelismOf?: Readonly<Record<string, number>>;
};

export function planDefinition(definition: JobDefinition, request: JobRequest = {}): JobPlan {
  const {
    settings = {},
    parallelism = 1,
    maxParallelism = defaultMaxParallelism,
    parallelismOf = {},
  } = request;
  const { name } = definition;
  const flow = new Flow();
  definition.build(flow, readSettings(name, definition.settings, settings));
  return planJob(flow.graph, { name, parallelism, maxParallelism, parallelismOf });
}
