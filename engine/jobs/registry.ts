/** The jobs that come with the engine, by the name that `./brume job` knows. Each is loaded when it is asked for. */
import type { JobDefinition } from "../dataflow/job.ts";

// A definition's own settings are narrower than what a reader of any job sees of it.
const only = ({ job }: { job: unknown }): JobDefinition => job as JobDefinition;

export const builtInJobs: Readonly<Record<string, () => Promise<JobDefinition>>> = {
  map: async () => only(await import("./map.ts")),
  "windowed-join": async () => only(await import("./windowed-join.ts")),
  "nexmark-q0": async () => only(await import("./nexmark/q0.ts")),
  "nexmark-q1": async () => only(await import("./nexmark/q1.ts")),
  "nexmark-q2": async () => only(await import("./nexmark/q2.ts")),
  "nexmark-q3": async () => only(await import("./nexmark/q3.ts")),
  "nexmark-q4": async () => only(await import("./nexmark/q4.ts")),
  "nexmark-q5": async () => only(await import("./nexmark/q5.ts")),
  "nexmark-q6": async () => only(await import("./nexmark/q6.ts")),
  "nexmark-q7": async () => only(await import("./nexmark/q7.ts")),
  "nexmark-q8": async () => only(await import("./nexmark/q8.ts")),
  "nexmark-q9": async () => only(await import("./nexmark/q9.ts")),
  "nexmark-q11": async () => only(await import("./nexmark/q11.ts")),
  "nexmark-join": async () => only(await import("./nexmark/join.ts")),
  "nexmark-q12": async () => only(await import("./nexmark/q12.ts")),
};
