/** Finds a job by its built-in name or its file, and turns whatever is wrong with a job file into one clear message. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EngineError } from "../engine-error.ts";
import { builtInJobs } from "../jobs/registry.ts";
import type { JobSpec } from "../runtime/messages.ts";
import type { JobDefinition } from "./job.ts";
import type { JobPlan } from "./plan.ts";
import type { planDefinition } from "./plan-job.ts";

export type LoadedJob = JobDefinition & {
  /** Undefined for a built-in job. */
  readonly file: string | undefined;
  /** Comes with the job, so that a process without one need not load all operators. */
  readonly plan: typeof planDefinition;
};

const fileName = /[/\\]|\.[cm]?[jt]s$/;

export async function loadJob(use: string): Promise<LoadedJob> {
  const { planDefinition: plan } = await import("./plan-job.ts");
  if (fileName.test(use)) {
    const file = resolve(use);
    return { ...(await importJob(file)), file, plan };
  }
  const load = Object.hasOwn(builtInJobs, use) ? builtInJobs[use] : undefined;
  if (load) return { ...(await load()), file: undefined, plan };
  throw new EngineError(
    "unknown-job",
    `there is no job ${JSON.stringify(use)}`,
    `one of: ${Object.keys(builtInJobs).join(", ")}; or the path of a job file, such as ./${use}.ts`,
    2,
  );
}

/** The same plan in every process that loads the same job. */
export function buildJob(
  job: LoadedJob,
  { settings, parallelism, maxParallelism, parallelismOf }: JobSpec,
): JobPlan {
  try {
    return job.plan(job, { settings, parallelism, maxParallelism, parallelismOf });
  } catch (error) {
    if (job.file === undefined && !(error instanceof EngineError)) throw error;
    throw explained(error, job.file, "threw while it was being built", "job-threw");
  }
}

async function importJob(file: string): Promise<JobDefinition> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    const what = found ? `${file} is no file` : `there is no file ${file}`;
    throw new EngineError("no-job-file", what, "the path of a job file, or the name of a built-in job", 2);
  }
  const module: { readonly default?: unknown } = await import(pathToFileURL(file).href).catch(
    (error: unknown) => {
      const isSyntax = error instanceof SyntaxError;
      throw explained(
        error,
        file,
        isSyntax ? "cannot be read" : "threw while it was being loaded",
        "bad-job-file",
      );
    },
  );
  const job = module.default;
  if (isJob(job)) return job;
  const what = job === undefined ? `${file} exports no job` : `what ${file} exports by default is no job`;
  throw new EngineError(
    "no-job",
    what,
    "export default defineJob({ name, summary, settings, build(flow, settings) { … } })",
    2,
  );
}

function isJob(value: unknown): value is JobDefinition {
  if (typeof value !== "object" || value === null) return false;
  const { name, summary, settings, build } = value as Record<string, unknown>;
  return (
    typeof name === "string" &&
    typeof summary === "string" &&
    typeof settings === "object" &&
    settings !== null &&
    typeof build === "function"
  );
}

/** With the place in the job's file, where the stack tells one. */
function explained(error: unknown, file: string | undefined, what: string, code: string): EngineError {
  const where = file && `${file}${lineIn(error, file)}`;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof EngineError) {
    if (where === undefined) return error;
    return new EngineError(error.code, `${where}: ${message}`, "", error.exitStatus, { cause: error });
  }
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return new EngineError(code, `${where} ${what}: ${name}${message.trim()}`, "", 2, { cause: error });
}

/** `:12`, or nothing. A syntax error's stack begins with its place, others have it in the first line of the file's own. */
function lineIn(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`);
    const line = at < 0 ? null : /^\d+/.exec(stack.slice(at + name.length + 1));
    if (line) return `:${line[0]}`;
  }
  return "";
}
