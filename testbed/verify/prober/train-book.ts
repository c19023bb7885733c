/** Keeps account of transfers: what was sent, when each packet came, and the rate that their distances show. Pure. */
import { median } from "../samples.ts";
import type { TrainJob, TrainResult } from "./job.ts";

export class TrainBook {
  readonly #trains: readonly TrainJob[];
  readonly #arrivalsNs: number[][];
  readonly #sent: number[];
  readonly #firstSentNs: number[];
  readonly #lastSentNs: number[];
  /** Sender and receiver → the train between them; a pair has one at most. */
  readonly #between = new Map<number, number>();
  readonly #endpoints: number;

  constructor(trains: readonly TrainJob[], endpoints: number) {
    this.#trains = trains;
    this.#endpoints = endpoints;
    this.#arrivalsNs = trains.map(() => []);
    this.#sent = trains.map(() => 0);
    this.#firstSentNs = trains.map(() => 0);
    this.#lastSentNs = trains.map(() => 0);
    trains.forEach(({ from, to }, index) => {
      this.#between.set(from * endpoints + to, index);
    });
  }

  sent(train: number, packets: number, atNs: number): void {
    if (this.#sent[train] === 0) this.#firstSentNs[train] = atNs;
    this.#sent[train]! += packets;
    this.#lastSentNs[train] = atNs;
  }

  /** By its addresses, so that a corrupted packet counts as the bytes that it is. */
  arrived(to: number, from: number, atNs: number): void {
    const train = this.#between.get(from * this.#endpoints + to);
    if (train !== undefined && this.#sent[train]! > 0) this.#arrivalsNs[train]!.push(atNs);
  }

  isThrough(): boolean {
    return this.#arrivalsNs.every((arrivals, train) => arrivals.length >= this.#sent[train]!);
  }

  results(): TrainResult[] {
    return this.#trains.map((train, index) => {
      const sent = this.#sent[index]!;
      const sentNs = this.#lastSentNs[index]! - this.#firstSentNs[index]!;
      const rate = rateOf(this.#arrivalsNs[index]!, train);
      return {
        sent,
        arrived: this.#arrivalsNs[index]!.length,
        offeredBitsPerSecond: sentNs > 0 ? (sent * train.packetBytes * 8e9) / sentNs : 0,
        ...(rate !== undefined && { rateBitsPerSecond: rate }),
        attempts: 1,
      };
    });
  }
}

/**
 * The median over all stretches of `lagPackets`: one that the machine held up for a moment does not move it. Stretches
 * at twice the rate of sending are left out: nothing passes packets on faster than they come, so a delay that fell has
 * pushed them together.
 */
export function rateOf(arrivalsNs: readonly number[], train: TrainShape): number | undefined {
  const { packetBytes, lagPackets, trim, offeredBitsPerSecond } = train;
  const all = Float64Array.from(arrivalsNs).sort();
  const cut = Math.floor(all.length * trim);
  const times = all.subarray(cut, all.length - cut);
  const lag = Math.min(lagPackets, Math.floor(times.length / 2));
  if (lag < 1) return undefined;
  const stretchBits = lag * packetBytes * 8;
  const leastNs = (stretchBits * 1e9) / (2 * offeredBitsPerSecond);
  const stretchesNs: number[] = [];
  for (let end = lag; end < times.length; end++) {
    const stretchNs = times[end]! - times[end - lag]!;
    if (stretchNs >= leastNs) stretchesNs.push(stretchNs);
  }
  return stretchesNs.length === 0 ? undefined : (stretchBits * 1e9) / median(stretchesNs);
}

type TrainShape = Pick<TrainJob, "packetBytes" | "lagPackets" | "trim" | "offeredBitsPerSecond">;
