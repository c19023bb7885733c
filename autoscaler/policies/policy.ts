/**
 * What every policy can do: from what was seen and what a model predicts, say what to do next, and why. It reads no clock and
 * touches nothing; what it remembers between two calls comes from their inputs.
 */
import type { Prediction } from "../models/model.ts";
import type { NetworkView } from "../network-view.ts";
import type { Configuration, Observation, World } from "../observation.ts";

export type Decision =
  | {
      readonly do: "stay";
      readonly because: string;
      /** There is nothing left that it would ever do: a ladder was climbed. */
      readonly finished?: true;
    }
  | {
      readonly do: "rescale";
      readonly to: Configuration;
      readonly because: string;
      /** What the policy's model says of it, where it asked one. */
      readonly predicted?: Prediction;
    };

/** What became of an earlier decision. */
export type Outcome = {
  readonly atMs: number;
  readonly from: Configuration;
  readonly to: Configuration;
  readonly is: "done" | "returned" | "failed";
  readonly because?: string;
  /** How long the job stood still. */
  readonly standStillMs?: number;
};

export type PolicyInput = {
  /** Without nodes that are lost. */
  readonly world: World;
  /** Newest last; bounded. Ticks at which nothing was seen are not there. */
  readonly history: readonly Observation[];
  readonly network: NetworkView;
  /** Of the model that the policy was given; undefined where it cannot say. */
  predict(configuration: Configuration): Prediction | undefined;
  /** What each of the nodes can carry when the whole job takes so much; of the same model, where it can say. */
  capacities?(nodes: readonly string[], totalPerSecond: number): readonly number[] | undefined;
  /** Key groups by what each node can carry; of the same model, where it can say. A node may stand there twice. */
  share?(nodes: readonly string[]): Configuration | undefined;
  readonly bounds: { readonly min: number; readonly max: number };
  /** Newest last. */
  readonly outcomes: readonly Outcome[];
};

export interface Policy {
  readonly name: string;
  decide(input: PolicyInput): Decision;
}
