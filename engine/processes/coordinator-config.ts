/** What a coordinator is to run, as plain JSON, with defaults for what is left out. */
import type { ApiAddress } from "../api/api-server.ts";
import {
  type CheckpointSettings,
  type CoordinatorOptions,
  defaultCheckpoints,
  defaultRestart,
  defaultWorkers,
  type RestartSettings,
  type StartFrom,
  type WorkerSettings,
} from "../coordinator/coordinator-options.ts";
import type { JobSpec, RuntimeSettings } from "../runtime/messages.ts";
import type { Planner } from "./job-planner.ts";

/** JSON has no Infinity: null stands for it where it makes sense. */
type Plain<Settings> = { readonly [Key in keyof Settings]?: Settings[Key] | null };

export type JobConfig = {
  /** In the store, and for messages. */
  readonly name: string;
  readonly job: JobSpec;
  readonly start: StartFrom;
  readonly first?: CoordinatorOptions["first"];
  readonly checkpoints?: Plain<CheckpointSettings>;
  readonly restart?: Plain<RestartSettings>;
  readonly runtime?: Plain<RuntimeSettings>;
  readonly workers?: Plain<WorkerSettings>;
};

export type CoordinatorConfig = JobConfig & {
  /** As in `openStore`. */
  readonly store: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where the job's file lies on the coordinator's machine, if not where `job.use` says. */
  readonly jobAt?: string;
  readonly api?: ApiAddress;
  /** It prints its whole status so often; never if left out. */
  readonly statusEveryMs?: number;
};

/** Of a worker, unless the job says otherwise. */
const defaultRuntime: RuntimeSettings = {
  flushMs: 100,
  batchRows: 4096,
  bufferBytes: 32 * 2 ** 20,
  mode: "aligned",
};

export function coordinatorOptions(config: JobConfig, plan: Planner, token: string): CoordinatorOptions {
  const { name, job, start, first } = config;
  const checkpoints = filled(defaultCheckpoints, config.checkpoints);
  return {
    ...{ name, job, start, plan, token, checkpoints },
    ...(first === undefined ? {} : { first }),
    runtime: filled({ ...defaultRuntime, mode: checkpoints.mode }, config.runtime),
    restart: filled(defaultRestart, config.restart),
    workers: filled(defaultWorkers, config.workers),
  };
}

function filled<Settings extends object>(defaults: Settings, given: Plain<Settings> = {}): Settings {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(said.map(([key, value]) => [key, value ?? Infinity])) };
}
