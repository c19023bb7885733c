/** How unevenly records fall on seats of equal shares: known for seats that were seen, expected for others. */
import type { Configuration, Seat } from "../observation.ts";
import { type Cycle, sameConfiguration } from "./cycles.ts";

type Current = {
  readonly configuration: Configuration;
  /** By seat, of how much more than its share it got, as a part: sums over cycles, of it and of its square. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  cycles: number;
};

const seatsMost = 500;
/** Of some thousand keys of equal weight; what is believed until so many seats were seen. */
const varianceBefore = 1e-4;
const seatsBefore = 12;

export class SkewLearner {
  #current: Current | undefined;
  /** Of the load of a seat with half of all key groups, against its mean; and how many seats it is from. */
  #variance = varianceBefore;
  #seats = seatsBefore;

  cycle({ configuration, seats }: Cycle): void {
    const total = seats.reduce((sum, { recordsIn }) => sum + (recordsIn ?? Number.NaN), 0);
    if (!(total > 0) || seats.length < 2) return;
    if (this.#current === undefined || !sameConfiguration(this.#current.configuration, configuration)) {
      this.#learn();
      const zeros = () => new Float64Array(seats.length);
      this.#current = { configuration, sums: zeros(), squares: zeros(), cycles: 0 };
    }
    const current = this.#current;
    current.cycles++;
    for (const [at, { recordsIn, share }] of seats.entries()) {
      const beyond = Math.min(1, recordsIn! / total / share - 1);
      current.sums[at]! += beyond;
      current.squares[at]! += beyond * beyond;
    }
  }

  #learn(): void {
    if (this.#current === undefined || this.#current.cycles < 2) return;
    const { configuration, sums, squares, cycles } = this.#current;
    for (const [at, { share }] of configuration.seats.entries()) {
      if (share <= 0 || share >= 1) continue;
      // What two different cycles have in common is skew; what they have not is noise.
      const common = (sums[at]! ** 2 - squares[at]!) / (cycles * (cycles - 1));
      this.#seats = Math.min(seatsMost, this.#seats + 1);
      this.#variance += ((common * share) / (1 - share) - this.#variance) / this.#seats;
    }
  }

  /** By seat: its part of all records, where it was seen for long enough. */
  loads(configuration: Configuration): readonly number[] | undefined {
    const current = this.#current;
    if (
      current === undefined ||
      current.cycles < 2 ||
      !sameConfiguration(current.configuration, configuration)
    )
      return undefined;
    const { sums, squares, cycles } = current;
    const count = sums.length;
    // Seats are drawn towards their shares as far as what they got differs from cycle to cycle.
    let [noise, spread] = [0, 0];
    for (let at = 0; at < count; at++) {
      const mean = sums[at]! / cycles;
      noise += (squares[at]! / cycles - mean * mean) / (cycles - 1) / count;
      spread += (mean * mean) / count;
    }
    const trust = spread > 0 ? Math.max(0, spread - noise) / spread : 0;
    return configuration.seats.map(({ share }, at) => share * (1 + (trust * sums[at]!) / cycles));
  }

  /** How much more than its share a seat may well carry; the standard deviation, as a part. */
  deviation({ share }: Seat): number {
    return Math.sqrt((Math.max(0, this.#variance) * (1 - Math.min(1, share))) / Math.max(1e-6, share));
  }
}

/** What the largest of `count` normal draws is beyond the mean, in standard deviations (Blom 1958). */
export function expectedLargest(count: number): number {
  if (count <= 1) return 0;
  const part = (count - 0.375) / (count + 0.25);
  // The normal quantile, by Tukey's lambda approximation.
  return (part ** 0.14 - (1 - part) ** 0.14) / 0.1975;
}
