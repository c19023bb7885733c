/** What every throughput model can do: learn from what was seen, and say what a configuration would sustain. */
import type { NetworkView } from "../network-view.ts";
import type { Configuration, Observation, World } from "../observation.ts";

export type Resource = "cpu" | "channel" | "link" | "checkpoint" | "source" | "unknown";

export type Prediction = {
  /** Records per second, all sources together, without backpressure at the source. */
  readonly mst: number;
  /** Where the truth lies in about 90 of 100 cases. */
  readonly low: number;
  readonly high: number;
  /** What is tightest, for models that know; `text` is for people: "the channel gen1 → dsp6: 64 KiB over 25 ms". */
  readonly binds?: { readonly resource: Resource; readonly node?: string; readonly text: string };
  /** The model's coefficients as they were when it predicted. */
  readonly coefficients?: Readonly<Record<string, number>>;
};

export interface ThroughputModel {
  readonly name: string;
  /** Every tick; with `mst` when what runs was measured. A bad observation must not spoil it for good. */
  observe(observation: Observation, network: NetworkView): void;
  /** Undefined while it has not seen enough. */
  predict(configuration: Configuration, network: NetworkView): Prediction | undefined;
}

export type MakeModel = (world: World) => ThroughputModel;
