/**
 * Equal slots in one block of memory for the packets in flight. A slot holds an IP packet from its first byte
 * on. Whoever holds a slot's number owns it: the reader until `arrive`, the emulator until `deliver`, then the
 * sink, which releases it.
 */
import { markCongestion } from "./congestion-mark.ts";

export class PacketPool {
  readonly slots: number;
  readonly slotBytes: number;
  readonly #memory: Uint8Array;
  /** A stack of free slots. */
  readonly #free: Int32Array;
  #freeCount: number;
  readonly #taken: Uint8Array;

  constructor(memory: Uint8Array, slotBytes: number) {
    this.slots = Math.floor(memory.length / slotBytes);
    this.slotBytes = slotBytes;
    this.#memory = memory;
    this.#taken = new Uint8Array(this.slots);
    this.#free = new Int32Array(this.slots);
    // The lowest slots on top: a quiet lab keeps to a few pages of a large pool.
    for (let index = 0; index < this.slots; index++) this.#free[index] = this.slots - 1 - index;
    this.#freeCount = this.slots;
  }

  get freeSlots(): number {
    return this.#freeCount;
  }

  /** -1 when every slot is taken. */
  allocate(): number {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[--this.#freeCount]!;
    this.#taken[slot] = 1;
    return slot;
  }

  release(slot: number): void {
    if (this.#taken[slot] !== 1) throw new Error(`slot ${slot} was released without being taken`);
    this.#taken[slot] = 0;
    this.#free[this.#freeCount++] = slot;
  }

  offsetOf(slot: number): number {
    return slot * this.slotBytes;
  }

  /** A second slot with the same first `bytes`, or -1 when every slot is taken. */
  copy(slot: number, bytes: number = this.slotBytes): number {
    const second = this.allocate();
    if (second < 0) return -1;
    const from = this.offsetOf(slot);
    this.#memory.copyWithin(this.offsetOf(second), from, from + bytes);
    return second;
  }

  /** Bit 0 is the highest bit of the slot's first byte. */
  flipBit(slot: number, bit: number): void {
    this.#memory[this.offsetOf(slot) + (bit >>> 3)]! ^= 0x80 >> (bit & 7);
  }

  /** Length of the IP header, without the extension headers of IPv6; 0 for what is not IP. */
  headerBytes(slot: number): number {
    const first = this.#memory[this.offsetOf(slot)]!;
    if (first >> 4 === 4) return (first & 15) * 4;
    return first >> 4 === 6 ? 40 : 0;
  }

  markCongestion(slot: number, bytes: number): boolean {
    return markCongestion(this.#memory, this.offsetOf(slot), bytes);
  }
}
