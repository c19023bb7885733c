/**
 * An experiment as the rest of brume knows it: parsed, checked, every default in place, one entry for each run of its
 * sweep. It survives JSON, since a run's manifest keeps it.
 */
import type { Topology } from "#testbed/topology/topology.ts";

/** Of each source operator, all its subtasks together. */
export type RateStep = { readonly ratePerSecond: number; readonly forMs: number };

export const policyNames = ["roofline", "gesscale", "flink", "threshold", "manual", "ladder"] as const;
export type PolicyName = (typeof policyNames)[number];

export const modelNames = ["roofline", "gesscale", "only-alpha", "ds2", "flink"] as const;
export type ModelName = (typeof modelNames)[number];

export type AutoscalerPlan = {
  /** Whose predictions the policy goes by; all models predict. */
  readonly model: ModelName;
  readonly policy: PolicyName;
  readonly min: number;
  readonly max: number;
  /** `live` is refused until an engine can. */
  readonly how: "savepoint" | "live";
  /** Of key groups: the same for all seats, or by what each node can carry. */
  readonly shares: "even" | "capacity";
  readonly tickMs: number;
  /** Looks and predicts, but changes nothing. */
  readonly dryRun: boolean;
  /** Of policy `manual`: when to go to which parallelism. */
  readonly steps: readonly { readonly atMs: number; readonly parallelism: number }[];
};

/** How the highest sustainable rate of each configuration is searched for; of policy `ladder`. */
export type MeasurePlan = {
  readonly warmUpMs: number;
  /** How long the source is kept saturated, and then held at the rate that is to be confirmed. */
  readonly saturateMs: number;
  readonly holdMs: number;
  readonly lagMsMax: number;
};

export type EnginePlan = {
  /** `flink` is refused until there is an adapter. */
  readonly use: "brume" | "flink";
  readonly checkpoints: {
    /** 0: none. */
    readonly everyMs: number;
    /**
     * `folder`: one of the run's own; `minio`: a bucket of the MinIO that brume starts if there is none; else
     * `folder:DIR` with an absolute path, or `minio:BUCKET/PREFIX`.
     */
    readonly store: string;
    readonly mode: "aligned" | "unaligned";
  };
  readonly bufferBytes: number;
  readonly batchRows: number;
  readonly flushMs: number;
};

export type JobPart = {
  /** Name of a built-in job, or the absolute path of a job's file. */
  readonly use: string;
  /** SHA-256 of that file. */
  readonly digest?: string;
  /** As they were written. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of the others, what they were left at: for the record, since another version of the job may have other ones. */
  readonly defaults?: Readonly<Record<string, string>>;
};

/** One execution. */
export type RunPlan = {
  readonly experiment: string;
  /** The folder's name: condition and repeat. */
  readonly run: string;
  /** Empty where nothing is swept. */
  readonly condition: string;
  /** What the sweep set, as it was written, by dotted path. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly repeat: number;
  readonly seed: number;
  /** With the condition's rules in it. Its name is the experiment's, and so is the lab's; its seed is the run's. */
  readonly topology: Topology;
  readonly job: JobPart;
  /** The id of the operator that is scaled. */
  readonly operator: string;
  /** As long as the run; the last one lasts for ever. */
  readonly load: { readonly steps: readonly RateStep[] };
  readonly engine: EnginePlan;
  readonly autoscaler: AutoscalerPlan;
  readonly measure: MeasurePlan;
  /** With policy `ladder`, which ends by itself, the longest that it may take. */
  readonly durationMs: number;
};

export type Experiment = {
  readonly name: string;
  /** As it was given. */
  readonly file: string;
  /** Condition by condition, each with all its repeats. */
  readonly runs: readonly RunPlan[];
};
