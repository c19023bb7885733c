/**
 * Engines hand out whole key groups, so that the shares that a seat gets are not quite those that were asked for: 22 of 128
 * groups are 3 % more than a sixth. How many groups there are shows in the shares that ran.
 */
import type { Configuration } from "../observation.ts";

const fewest = 8;
const most = 1 << 15;
const tolerance = 1e-9;
/** A handful of groups for each seat at least, else it is the shares asked for that were so round. */
const perSeatLeast = 4;

export class KeyGroups {
  #count = fewest;
  /** Shares were seen that are no whole groups. */
  #isOff = false;

  see({ seats }: Configuration): void {
    while (!this.#isOff && !seats.every(({ share }) => isWhole(share * this.#count))) {
      this.#count *= 2;
      this.#isOff = this.#count > most;
    }
  }

  /** As an engine would hand them out: whole groups, those left over to the largest remainders. */
  whole(configuration: Configuration): Configuration {
    const { seats } = configuration;
    if (this.#isOff || this.#count < perSeatLeast * seats.length) return configuration;
    if (seats.every(({ share }) => isWhole(share * this.#count))) return configuration;
    const wanted = seats.map(({ share }) => share * this.#count);
    const groups = wanted.map((groups) => Math.max(1, Math.floor(groups)));
    const left = this.#count - groups.reduce((sum, one) => sum + one, 0);
    if (left < 0) return configuration;
    const byRemainder = wanted
      .map((groups, at) => ({ at, remainder: groups - Math.floor(groups) }))
      .sort((one, other) => other.remainder - one.remainder || one.at - other.at);
    for (const { at } of byRemainder.slice(0, left)) groups[at]! += 1;
    return { seats: seats.map((seat, at) => ({ ...seat, share: groups[at]! / this.#count })) };
  }
}

const isWhole = (groups: number) => Math.abs(groups - Math.round(groups)) < tolerance;
