/** Throughputs that configurations were seen to sustain: measured by a search, or taken while sources were held up. */
import { RunningMedian } from "../math/running-median.ts";
import type { Configuration, JobFacts, Observation } from "../observation.ts";
import { plain, TickCleaner } from "./clean-tick.ts";
import { Cycles, isSaturated } from "./cycles.ts";

export type MstSample = { readonly configuration: Configuration; readonly mst: number };

type Seen = {
  configuration: Configuration;
  readonly measured: RunningMedian;
  readonly saturated: RunningMedian;
};

const samplesMax = 100;

export class MstSamples {
  readonly #seen = new Map<string, Seen>();
  readonly #cycles: Cycles;
  readonly #cleaner = new TickCleaner();

  constructor(job: JobFacts) {
    this.#cycles = new Cycles(job);
  }

  /** Whether there is a new sample. */
  observe(observation: Observation): boolean {
    const cycle = this.#cycles.add(observation, this.#cleaner.clean(observation));
    const mst = plain(observation.mst?.mst);
    if (mst) this.#of(observation.configuration).measured.add(mst);
    const isHeldUp = cycle !== undefined && isSaturated(cycle) && cycle.taken > 0;
    if (isHeldUp) this.#of(cycle.configuration).saturated.add(cycle.taken);
    return isHeldUp || Boolean(mst);
  }

  /** One for each configuration, oldest first; what was measured goes before what was taken. */
  get samples(): MstSample[] {
    return [...this.#seen.values()].map(({ configuration, measured, saturated }) => ({
      configuration,
      mst: measured.median ?? saturated.median!,
    }));
  }

  #of(configuration: Configuration): Seen {
    const key = configuration.seats.map(({ node, share }) => `${node} ${share.toFixed(3)}`).join();
    const seen = this.#seen.get(key) ?? {
      configuration,
      measured: new RunningMedian(3),
      saturated: new RunningMedian(5),
    };
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    if (this.#seen.size > samplesMax) this.#seen.delete(this.#seen.keys().next().value!);
    return seen;
  }
}
