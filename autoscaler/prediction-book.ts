/** What all models said of configurations: of those that were never seen before anything of them was, and of what runs. */
import type { Predictions } from "./decision-record.ts";
import type { ThroughputModel } from "./models/model.ts";
import type { NetworkView } from "./network-view.ts";
import type { Configuration } from "./observation.ts";
import { nodesOf } from "./policies/seats.ts";

/** Records would be made of predictions that hardly change. */
const everyMs = 5_000;
/** Of configurations that were foretold: a run sees some dozens. */
const most = 100;
/** Half a key group of 64. */
const sameWithin = 1 / 128;

type Foretold = { readonly shares: readonly number[]; readonly predictions: Predictions };

export class PredictionBook {
  readonly #models: readonly ThroughputModel[];
  /** By nodes in their order. */
  readonly #foretold = new Map<string, readonly Foretold[]>();
  /** The last one that was asked for, as it is asked for again every tick; a name of a thousand nodes is long. */
  #last: Configuration | undefined;
  #toldMs = -Infinity;

  constructor(models: readonly ThroughputModel[]) {
    this.#models = models;
  }

  /** Keeps what is said now, unless something was said of this configuration, or one that is hardly different, before. */
  foretell(configuration: Configuration, network: NetworkView): void {
    if (configuration === this.#last) return;
    this.#last = configuration;
    if (this.#find(configuration) !== undefined) return;
    const nodes = nodesOf(configuration);
    const known = this.#foretold.get(nodes) ?? [];
    const foretold = {
      shares: configuration.seats.map(({ share }) => share),
      predictions: this.#all(configuration, network),
    };
    this.#foretold.set(nodes, [...known, foretold].slice(-most));
    if (this.#foretold.size > most) this.#foretold.delete(this.#foretold.keys().next().value!);
  }

  foretold(configuration: Configuration): Predictions {
    return this.#find(configuration)?.predictions ?? {};
  }

  /** The one with the nearest shares: an engine hands out whole key groups, which moves them a little. */
  #find({ seats }: Configuration): Foretold | undefined {
    let [nearest, leastOff]: [Foretold | undefined, number] = [undefined, sameWithin];
    for (const foretold of this.#foretold.get(nodesOf({ seats })) ?? []) {
      const off = Math.max(...seats.map(({ share }, at) => Math.abs(share - foretold.shares[at]!)));
      if (off <= leastOff) [nearest, leastOff] = [foretold, off];
    }
    return nearest;
  }

  /** Of what runs; undefined while the last ones are recent enough. */
  dueFor(
    configuration: Configuration,
    network: NetworkView,
    nowMs: number,
    now: boolean,
  ): Predictions | undefined {
    if (!now && nowMs - this.#toldMs < everyMs) return undefined;
    this.#toldMs = nowMs;
    return this.#all(configuration, network);
  }

  #all(configuration: Configuration, network: NetworkView): Predictions {
    const predictions: Record<string, Predictions[string]> = {};
    for (const model of this.#models) {
      const prediction = model.predict(configuration, network);
      if (prediction !== undefined) predictions[model.name] = prediction;
    }
    return predictions;
  }
}
