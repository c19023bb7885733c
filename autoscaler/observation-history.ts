/**
 * The observations that policies look back at, bounded in time and in size: what old ones said of single seats, of CPU
 * and of the network is dropped, which nobody asks for any more and which a thousand nodes fill the memory with.
 */
import { noNetwork } from "./network-view.ts";
import type { Observation } from "./observation.ts";

/** No policy looks back further than this at single seats. */
const wholeMs = 60_000;
/** And no further than so many figures of seats allow: twenty observations of a thousand. */
const wholeSeats = 20_000;

export class ObservationHistory {
  readonly #keepMs: number;
  #all: Observation[] = [];
  /** Of those that are whole, how many seats they hold, and where the first is. */
  #seats = 0;
  #firstWhole = 0;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get all(): readonly Observation[] {
    return this.#all;
  }

  /** One that is not newer than the last is the same figures again, or older ones: refused. */
  add(observation: Observation): boolean {
    const last = this.#all.at(-1);
    if (last !== undefined && observation.atMs <= last.atMs) return false;
    // The network is the newest one's only: it is by far the biggest part.
    if (last !== undefined) this.#all[this.#all.length - 1] = { ...last, network: noNetwork };
    this.#all.push(observation);
    this.#seats += observation.seats.length;
    while (this.#firstWhole < this.#all.length - 1) {
      const oldest = this.#all[this.#firstWhole]!;
      if (this.#seats <= wholeSeats && observation.atMs - oldest.atMs <= wholeMs) break;
      this.#seats -= oldest.seats.length;
      this.#all[this.#firstWhole++] = { ...oldest, seats: [], cpu: {} };
    }
    let stale = 0;
    while (observation.atMs - this.#all[stale]!.atMs > this.#keepMs) stale++;
    if (stale > 0) {
      this.#all = this.#all.slice(stale);
      this.#firstWhole = Math.max(0, this.#firstWhole - stale);
    }
    return true;
  }

  /** Puts what was measured to the newest one. */
  amendNewest(measured: Pick<Observation, "mst">): Observation | undefined {
    const last = this.#all.at(-1);
    if (last === undefined) return undefined;
    return (this.#all[this.#all.length - 1] = { ...last, ...measured });
  }
}
