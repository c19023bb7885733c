/**
 * Packets on their way: each pair's in a row, in order, of which only the first stands in the event heap. A pair
 * that sends back to back thus costs the heap next to nothing. Packets that may overtake stand there themselves.
 */
import type { EventHeap } from "./event-heap.ts";
import type { PacketTable } from "./packet-table.ts";
import { firstDelayed, lastDelayed, lastDueNs, type PairState, pairFloats, pairWords } from "./pair-state.ts";

export class DelayLine {
  readonly #packets: PacketTable;
  readonly #pairs: PairState;
  readonly #heap: EventHeap;

  constructor(packets: PacketTable, pairs: PairState, heap: EventHeap) {
    this.#packets = packets;
    this.#pairs = pairs;
    this.#heap = heap;
  }

  /** Not before any packet of the pair that was here earlier: a drop in delay must not turn packets around. */
  enter(slot: number, pair: number, wantedNs: number): void {
    const packets = this.#packets;
    const pairs = this.#pairs;
    const words = pairs.words;
    const at = pair * pairWords;
    const dueNs = Math.max(wantedNs, pairs.floats[pair * pairFloats + lastDueNs]!);
    pairs.floats[pair * pairFloats + lastDueNs] = dueNs;
    packets.setTimeNs(slot, dueNs);
    packets.setNext(slot, -1);
    if (words[at + firstDelayed] === 0) {
      words[at + firstDelayed] = slot + 1;
      this.#heap.push(dueNs, slot);
    } else {
      packets.setNext(words[at + lastDelayed]! - 1, slot);
    }
    words[at + lastDelayed] = slot + 1;
  }

  enterOvertaking(slot: number, pair: number, dueNs: number): void {
    const floats = this.#pairs.floats;
    const at = pair * pairFloats + lastDueNs;
    // Should order be asked for later, the first packet in order comes after this one and not at its time: the
    // heap promises nothing about equals.
    if (dueNs >= floats[at]!) floats[at] = dueNs + 1;
    this.#heap.push(dueNs, slot);
  }

  /** The heap's top is this packet and its time has come: the pair's next one takes its place. */
  leave(slot: number, pair: number): void {
    const heap = this.#heap;
    const words = this.#pairs.words;
    const at = pair * pairWords + firstDelayed;
    if (words[at] !== slot + 1) {
      heap.pop();
      return;
    }
    const next = this.#packets.nextOf(slot);
    words[at] = next + 1;
    if (next < 0) heap.pop();
    else heap.replaceTop(this.#packets.timeNsOf(next), next);
  }
}
