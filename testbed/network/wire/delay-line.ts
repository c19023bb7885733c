/**
 * Packets on their way: each pair's in a row, in order, of which only the first stands in the event heap. A pair
 * that sends back to back thus costs the heap next to nothing. Packets that may overtake stand there themselves.
 */
import type { EventHeap } from "./event-heap.ts";
import type { PacketTable } from "./packet-table.ts";

export class DelayLine {
  readonly #packets: PacketTable;
  readonly #heap: EventHeap;
  /** Slot + 1 of the pair's first and last packet; 0 for none. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #lastDueNs: Float64Array;

  constructor(packets: PacketTable, heap: EventHeap, pairs: number) {
    this.#packets = packets;
    this.#heap = heap;
    this.#first = new Int32Array(pairs);
    this.#last = new Int32Array(pairs);
    this.#lastDueNs = new Float64Array(pairs);
  }

  /** Not before any packet of the pair that was here earlier: a drop in delay must not turn packets around. */
  enter(slot: number, pair: number, wantedNs: number): void {
    const packets = this.#packets;
    const lastDueNs = this.#lastDueNs[pair]!;
    const dueNs = Math.max(wantedNs, lastDueNs);
    this.#lastDueNs[pair] = dueNs;
    packets.timeNs[slot] = dueNs;
    packets.next[slot] = -1;
    if (this.#first[pair] === 0) {
      this.#first[pair] = slot + 1;
      this.#heap.push(dueNs, slot);
    } else {
      packets.next[this.#last[pair]! - 1] = slot;
    }
    this.#last[pair] = slot + 1;
  }

  enterOvertaking(slot: number, pair: number, dueNs: number): void {
    // Should order be asked for later, the first packet in order comes after this one and not at its time: the
    // heap promises nothing about equals.
    if (dueNs >= this.#lastDueNs[pair]!) this.#lastDueNs[pair] = dueNs + 1;
    this.#packets.timeNs[slot] = dueNs;
    this.#heap.push(dueNs, slot);
  }

  /** The heap's top is this packet and its time has come: the pair's next one takes its place. */
  leave(slot: number, pair: number): void {
    const heap = this.#heap;
    if (this.#first[pair] !== slot + 1) {
      heap.pop();
      return;
    }
    const next = this.#packets.next[slot]!;
    this.#first[pair] = next + 1;
    if (next < 0) heap.pop();
    else heap.replaceTop(this.#packets.timeNs[next]!, next);
  }
}
