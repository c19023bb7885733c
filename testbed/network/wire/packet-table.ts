/** What the emulator notes of each packet in flight, by slot: one record of memory, nothing allocated per packet. */
import { type Counters, type field, fieldsPerPair } from "./counters.ts";
import type { PacketPool } from "./packet-pool.ts";
import { RecordTable } from "./record-table.ts";

const words = 16;
const floats = words / 2;
const arrived = 0;
const time = 1;
const pair = 4;
const bytes = 5;
const from = 6;
const to = 7;
const next = 8;
const flow = 9;

export class PacketTable {
  readonly pool: PacketPool;
  /** The counters' memory: `counts[pair * fieldsPerPair + field.x]`. */
  readonly counts: Float64Array;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;

  constructor(pool: PacketPool, counters: Counters) {
    const table = new RecordTable(pool.slots, words);
    this.pool = pool;
    this.counts = counters.values;
    this.#words = table.words;
    this.#floats = table.floats;
  }

  note(slot: number, pairNumber: number, size: number, source: number, target: number, atNs: number): void {
    const record = this.#words;
    const at = slot * words;
    record[at + pair] = pairNumber;
    record[at + bytes] = size;
    record[at + from] = source;
    record[at + to] = target;
    this.#floats[slot * floats + arrived] = atNs;
  }

  /** For a second copy of a packet that has just arrived. */
  copyNotes(slot: number, second: number): void {
    this.#words.copyWithin(second * words, slot * words, (slot + 1) * words);
  }

  /** `from * nodeCapacity + to`. */
  pairOf(slot: number): number {
    return this.#words[slot * words + pair]!;
  }

  bytesOf(slot: number): number {
    return this.#words[slot * words + bytes]!;
  }

  fromOf(slot: number): number {
    return this.#words[slot * words + from]!;
  }

  toOf(slot: number): number {
    return this.#words[slot * words + to]!;
  }

  arrivedNsOf(slot: number): number {
    return this.#floats[slot * floats + arrived]!;
  }

  /** In a queue: since when. In the delay: until when. */
  timeNsOf(slot: number): number {
    return this.#floats[slot * floats + time]!;
  }

  setTimeNs(slot: number, timeNs: number): void {
    this.#floats[slot * floats + time] = timeNs;
  }

  /** The one behind it in its queue or in its pair's delay; -1 for the last. */
  nextOf(slot: number): number {
    return this.#words[slot * words + next]!;
  }

  setNext(slot: number, following: number): void {
    this.#words[slot * words + next] = following;
  }

  /** The queue that it waits in or is being sent from. */
  flowOf(slot: number): number {
    return this.#words[slot * words + flow]!;
  }

  setFlow(slot: number, queue: number): void {
    this.#words[slot * words + flow] = queue;
  }

  /** Adds to a counter of the packet's pair. */
  count(slot: number, fieldIndex: number, amount: number): void {
    this.counts[this.pairOf(slot) * fieldsPerPair + fieldIndex]! += amount;
  }

  drop(slot: number, reason: DropReason): void {
    this.count(slot, reason, 1);
    this.pool.release(slot);
  }
}

type DropReason =
  | typeof field.droppedQueue
  | typeof field.droppedLoss
  | typeof field.droppedCut
  | typeof field.droppedOverload
  | typeof field.droppedMtu;
