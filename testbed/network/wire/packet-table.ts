/** What the emulator notes of each packet in flight, by slot: flat arrays, so that a packet allocates nothing. */
import { type Counters, type field, fieldsPerPair } from "./counters.ts";
import type { PacketPool } from "./packet-pool.ts";

export class PacketTable {
  readonly pool: PacketPool;
  /** The counters' memory, for `values[pair * fieldsPerPair + field.x]`. */
  readonly counts: Float64Array;
  readonly bytes: Int32Array;
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** `from * nodeCapacity + to`. */
  readonly pair: Int32Array;
  readonly arrivedNs: Float64Array;
  /** In a queue: since when. In the delay: until when. */
  readonly timeNs: Float64Array;
  /** The one behind it in its queue or in its pair's delay; -1 for the last. */
  readonly next: Int32Array;
  /** The queue that it waits in or is being sent from. */
  readonly flow: Int32Array;

  constructor(pool: PacketPool, counters: Counters) {
    this.pool = pool;
    this.counts = counters.values;
    this.bytes = new Int32Array(pool.slots);
    this.from = new Uint16Array(pool.slots);
    this.to = new Uint16Array(pool.slots);
    this.pair = new Int32Array(pool.slots);
    this.arrivedNs = new Float64Array(pool.slots);
    this.timeNs = new Float64Array(pool.slots);
    this.next = new Int32Array(pool.slots);
    this.flow = new Int32Array(pool.slots);
  }

  /** For a second copy of a packet that has just arrived. */
  copyNotes(slot: number, second: number): void {
    this.bytes[second] = this.bytes[slot]!;
    this.from[second] = this.from[slot]!;
    this.to[second] = this.to[slot]!;
    this.pair[second] = this.pair[slot]!;
    this.arrivedNs[second] = this.arrivedNs[slot]!;
  }

  count(pair: number, fieldIndex: number, amount: number): void {
    this.counts[pair * fieldsPerPair + fieldIndex]! += amount;
  }

  drop(slot: number, reason: DropReason): void {
    this.counts[this.pair[slot]! * fieldsPerPair + reason]! += 1;
    this.pool.release(slot);
  }
}

export type DropReason =
  | typeof field.droppedQueue
  | typeof field.droppedLoss
  | typeof field.droppedCut
  | typeof field.droppedOverload
  | typeof field.droppedMtu;
