/** Keeps account of transfers: what was sent, when each packet came, and the rate that their distances show. Pure. */
import { median } from "../samples.ts";
import type { TrainJob } from "./job.ts";
import type { TrainLog } from "./orders.ts";

/** By so much the clocks of a sender and a receiver may disagree. */
const clockSlackNs = 2e6;

export class TrainBook {
  readonly #trains: readonly TrainJob[];
  readonly #isHere: (endpoint: number) => boolean;
  readonly #startNs: number;
  readonly #arrivalsNs: number[][];
  readonly #sent: number[];
  readonly #firstSentNs: number[];
  readonly #lastSentNs: number[];
  /** Sender and receiver → the train between them; a pair has one at most. */
  readonly #between = new Map<string, number>();

  /** `startNs`: when the trains' own times begin. */
  constructor(trains: readonly TrainJob[], startNs: number, isHere: (endpoint: number) => boolean) {
    this.#trains = trains;
    this.#isHere = isHere;
    this.#startNs = startNs;
    this.#arrivalsNs = trains.map(() => []);
    this.#sent = trains.map(() => 0);
    this.#firstSentNs = trains.map(() => 0);
    this.#lastSentNs = trains.map(() => 0);
    trains.forEach(({ from, to }, index) => {
      this.#between.set(`${from} ${to}`, index);
    });
  }

  sent(train: number, packets: number, atNs: number): void {
    if (this.#sent[train] === 0) this.#firstSentNs[train] = atNs;
    this.#sent[train]! += packets;
    this.#lastSentNs[train] = atNs;
  }

  /** By its addresses, so that a corrupted packet counts as the bytes that it is. */
  arrived(to: number, from: number, atNs: number): void {
    const train = this.#between.get(`${from} ${to}`);
    if (train === undefined) return;
    // What came before it began is a late probe, or of a transfer that is now repeated.
    const beganNs = this.#startNs + this.#trains[train]!.startMs * 1e6;
    if (atNs >= beganNs - clockSlackNs) this.#arrivalsNs[train]!.push(atNs);
  }

  /** All that is still to come here has come; of what others send, all of it is. */
  isThrough(): boolean {
    return this.#trains.every(({ from, to, packets }, train) => {
      const coming = this.#isHere(from) ? this.#sent[train]! : packets;
      return !this.#isHere(to) || this.#arrivalsNs[train]!.length >= coming;
    });
  }

  log(): TrainLog[] {
    return this.#trains.flatMap((train, index): TrainLog[] => {
      const [isSender, isReceiver] = [this.#isHere(train.from), this.#isHere(train.to)];
      if (!isSender && !isReceiver) return [];
      return [
        {
          train: index,
          ...(isSender && { sent: this.#departures(index) }),
          ...(isReceiver && { received: this.#arrivals(index) }),
        },
      ];
    });
  }

  #departures(index: number): NonNullable<TrainLog["sent"]> {
    const packets = this.#sent[index]!;
    const sentNs = this.#lastSentNs[index]! - this.#firstSentNs[index]!;
    const bits = packets * this.#trains[index]!.packetBytes * 8;
    return { packets, offeredBitsPerSecond: sentNs > 0 ? (bits * 1e9) / sentNs : 0 };
  }

  #arrivals(index: number): NonNullable<TrainLog["received"]> {
    const arrivalsNs = this.#arrivalsNs[index]!;
    const rate = rateOf(arrivalsNs, this.#trains[index]!);
    return { packets: arrivalsNs.length, ...(rate !== undefined && { rateBitsPerSecond: rate }) };
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
