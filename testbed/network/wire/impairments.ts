/** What can befall a packet as it arrives, before any queue: cut, too big, lost, corrupted, doubled. */
import { type ConditionSets, impairment } from "./condition-sets.ts";
import { field } from "./counters.ts";
import { BurstLoss } from "./loss.ts";
import type { PacketTable } from "./packet-table.ts";
import type { PairRandom } from "./random.ts";

export class Impairments {
  readonly #packets: PacketTable;
  readonly #sets: ConditionSets;
  readonly #random: PairRandom;
  readonly #bursts: BurstLoss;

  constructor(packets: PacketTable, sets: ConditionSets, random: PairRandom, pairs: number) {
    this.#packets = packets;
    this.#sets = sets;
    this.#random = random;
    this.#bursts = new BurstLoss(random, pairs);
  }

  /** False when the packet was dropped (and its slot released). */
  survives(slot: number, pair: number, set: number, which: number): boolean {
    const packets = this.#packets;
    const sets = this.#sets;
    if ((which & impairment.cut) !== 0) {
      packets.drop(slot, field.droppedCut);
      return false;
    }
    if ((which & impairment.mtu) !== 0 && packets.bytesOf(slot) > sets.mtuBytes[set]!) {
      packets.drop(slot, field.droppedMtu);
      return false;
    }
    if (this.#isLost(pair, set, which)) {
      packets.drop(slot, field.droppedLoss);
      return false;
    }
    if ((which & impairment.corrupt) !== 0 && this.#random.next(pair) < sets.corruptRatio[set]!) {
      this.#corrupt(slot, pair);
    }
    return true;
  }

  /** The slot of a second copy, or -1: none was asked for, or no slot was free for it. */
  duplicate(slot: number, pair: number, set: number, which: number): number {
    if ((which & impairment.duplicate) === 0) return -1;
    if (this.#random.next(pair) >= this.#sets.duplicateRatio[set]!) return -1;
    const packets = this.#packets;
    packets.count(slot, field.duplicated, 1);
    const second = packets.pool.copy(slot, packets.bytesOf(slot));
    if (second < 0) packets.count(slot, field.droppedOverload, 1);
    else packets.copyNotes(slot, second);
    return second;
  }

  #isLost(pair: number, set: number, which: number): boolean {
    const sets = this.#sets;
    if ((which & impairment.loss) !== 0) return this.#random.next(pair) < sets.lossRatio[set]!;
    if ((which & impairment.burstLoss) === 0) return false;
    return this.#bursts.loses(
      pair,
      sets.burstEnter[set]!,
      sets.burstLeave[set]!,
      sets.burstLossGood[set]!,
      sets.burstLossBad[set]!,
    );
  }

  /** Beyond the IP header, so that the packet still finds its way and the transport's checksum tells. */
  #corrupt(slot: number, pair: number): void {
    const packets = this.#packets;
    const headerBits = packets.pool.headerBytes(slot) * 8;
    const payloadBits = packets.bytesOf(slot) * 8 - headerBits;
    if (payloadBits <= 0) return;
    packets.pool.flipBit(slot, headerBits + this.#random.below(pair, payloadBits));
    packets.count(slot, field.corrupted, 1);
  }
}
