/** The lines of a run's `decisions.jsonl`, as docs/records.md describes them, without `t`: all that the controller tells. */
import type { Prediction } from "./models/model.ts";
import type { Configuration } from "./observation.ts";
import type { Decision, Outcome } from "./policies/policy.ts";

/** By the model's name; those that could not say are left out. */
export type Predictions = Readonly<Record<string, Prediction>>;

export type TickLine = {
  readonly t: number;
  readonly is: "tick";
  /** Of the controller, when the tick began. */
  readonly state: string;
  readonly asked?: number;
  readonly taken?: number;
  readonly lagMs?: number;
  readonly sourceBackpressured?: number;
  readonly configuration?: Configuration;
  /** Of what runs; every fifth second, and whenever something was decided. */
  readonly predictions?: Predictions;
  readonly decision: Decision;
  /** What was decided was not done: only looked at. */
  readonly dryRun?: true;
};

export type OutcomeLine = {
  readonly t: number;
  readonly is: "outcome";
  readonly from: Configuration;
  readonly to: Configuration;
  readonly outcome: Outcome["is"];
  readonly because?: string;
  readonly standStillMs?: number;
};

export type MstLine = {
  readonly t: number;
  readonly is: "mst";
  readonly configuration: Configuration;
  readonly mst: number;
  readonly low: number;
  readonly high: number;
  readonly how: string;
  /** Made before anything of this configuration was seen. */
  readonly predictions: Predictions;
};

export type DecisionLine = TickLine | OutcomeLine | MstLine;
