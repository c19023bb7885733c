/**
 * Rates: each shaper sends one packet at a time, and shares its rate between the queues (flows, one per pair)
 * that wait for it by deficit round robin (Shreedhar and Varghese 1995). A packet departs at
 * max(the departure before it, its arrival) + its bytes / rate: no burst, nothing lost to late wake-ups.
 */
import type { Queue } from "#testbed/network/conditions.ts";
import { CodelQueues, codelIntervalNs, codelTargetNs } from "./codel.ts";
import { field } from "./counters.ts";
import type { EventHeap } from "./event-heap.ts";
import type { PacketTable } from "./packet-table.ts";
import { RecordTable } from "./record-table.ts";

/** Bytes that a flow may send per turn: one full packet, so that turns are short and cost no second look. */
const quantumBytes = 1514;
/** Limits and counts of waiting bytes are 32-bit words. */
const limitBytesMax = 2 ** 30;

// A shaper's record. The flows that wait form a ring, kept as a list: its head has the turn and then goes last.
const shaperWords = 16;
const shaperFloats = shaperWords / 2;
const nsPerByte = 0;
const freeAtNs = 1;
/** CoDel's; 0 for drop-tail. */
const targetNs = 2;
const intervalNs = 3;
const sending = 8;
const firstFlow = 9;
const lastFlow = 10;
/** 1: CoDel marks what it can instead of dropping it. */
const marks = 11;

// A flow's record: one pair's queue at one shaper.
const flowWords = 8;
const shaperOfFlow = 0;
const head = 1;
const tail = 2;
const waitingBytes = 3;
const limitBytes = 4;
const deficitBytes = 5;
const nextInRing = 6;

const none = -1;
// In place of the slot being sent:
const idle = -1;
/** Its packet was taken away by `flush`; it is free again when that packet would have left. */
const vacated = -2;
/** Vacated and removed: its number may be used again when that packet would have left. */
const retired = -3;

export class Shapers {
  readonly #packets: PacketTable;
  readonly #heap: EventHeap;
  readonly #codel = new CodelQueues();
  readonly #shapers = new RecordTable(64, shaperWords);
  readonly #flows = new RecordTable(256, flowWords);
  #shaperCount = 0;
  #flowCount = 0;
  readonly #unusedShapers: number[] = [];

  constructor(packets: PacketTable, heap: EventHeap) {
    this.#packets = packets;
    this.#heap = heap;
  }

  addShaper(rateBitsPerSecond: number, queue: Queue | undefined): number {
    const shaper = this.#unusedShapers.pop() ?? this.#shaperCount++;
    this.#shapers.reserve(shaper + 1);
    const words = this.#shapers.words;
    const at = shaper * shaperWords;
    words[at + sending] = idle;
    words[at + firstFlow] = none;
    words[at + lastFlow] = none;
    this.#shapers.floats[shaper * shaperFloats + freeAtNs] = 0;
    this.configure(shaper, rateBitsPerSecond, queue);
    return shaper;
  }

  /** In force from the next packet that it begins to send. */
  configure(shaper: number, rateBitsPerSecond: number, queue: Queue | undefined): void {
    const codel = queue?.discipline === "codel";
    const floats = this.#shapers.floats;
    const at = shaper * shaperFloats;
    floats[at + nsPerByte] = 8e9 / rateBitsPerSecond;
    floats[at + targetNs] = codel ? codelTargetNs(rateBitsPerSecond) : 0;
    floats[at + intervalNs] = codel ? codelIntervalNs(rateBitsPerSecond) : 0;
    this.#shapers.words[shaper * shaperWords + marks] = codel && queue.ecn ? 1 : 0;
  }

  /** Once every flow that used it was flushed. */
  removeShaper(shaper: number): void {
    const words = this.#shapers.words;
    const at = shaper * shaperWords + sending;
    if (words[at] === idle) this.#unusedShapers.push(shaper);
    else words[at] = retired;
  }

  /** As many new flows, numbered in a row; returns the first. */
  addFlows(count: number): number {
    const first = this.#flowCount;
    this.#flowCount += count;
    this.#flows.reserve(this.#flowCount);
    return first;
  }

  setFlow(flow: number, shaper: number): void {
    const words = this.#flows.words;
    const at = flow * flowWords;
    words[at + shaperOfFlow] = shaper;
    words[at + head] = none;
    words[at + waitingBytes] = 0;
    this.#codel.reset(flow);
  }

  setLimit(flow: number, limit: number): void {
    this.#flows.words[flow * flowWords + limitBytes] = Math.min(limit, limitBytesMax);
  }

  shaperOf(flow: number): number {
    return this.#flows.words[flow * flowWords + shaperOfFlow]!;
  }

  /** True while one waits in it or is being sent from it. */
  holdsPackets(flow: number): boolean {
    const at = flow * flowWords;
    if (this.#flows.words[at + head] !== none) return true;
    const current = this.#shapers.words[this.#flows.words[at + shaperOfFlow]! * shaperWords + sending]!;
    return current >= 0 && this.#packets.flowOf(current) === flow;
  }

  /** A packet comes to its queue, and is sent, waits, or is dropped for want of room. */
  offer(flow: number, slot: number, atNs: number): void {
    const packets = this.#packets;
    const flows = this.#flows.words;
    const at = flow * flowWords;
    const shaper = flows[at + shaperOfFlow]!;
    const bytes = packets.bytesOf(slot);
    packets.setFlow(slot, flow);
    packets.setTimeNs(slot, atNs);
    if (this.#shapers.words[shaper * shaperWords + sending] === idle) {
      packets.count(slot, field.queuedBytes, bytes);
      const floats = this.#shapers.floats;
      const shaperAt = shaper * shaperFloats;
      // Whoever finds the shaper idle has waited for nothing; CoDel only needs to know that.
      if (floats[shaperAt + targetNs] !== 0) this.#condemned(flow, slot, shaper, atNs);
      this.#heap.push(this.#begin(shaper, slot, Math.max(floats[shaperAt + freeAtNs]!, atNs)), ~shaper);
      return;
    }
    const waiting = flows[at + waitingBytes]! + bytes;
    if (waiting > flows[at + limitBytes]!) {
      packets.drop(slot, field.droppedQueue);
      return;
    }
    packets.count(slot, field.queuedBytes, bytes);
    flows[at + waitingBytes] = waiting;
    packets.setNext(slot, none);
    if (flows[at + head] === none) {
      flows[at + head] = slot;
      flows[at + deficitBytes] = quantumBytes;
      this.#joinRing(shaper, flow);
    } else {
      packets.setNext(flows[at + tail]!, slot);
    }
    flows[at + tail] = slot;
  }

  /**
   * The heap's top says that this shaper's packet departs at `atNs`: returns its slot (-1 when it was flushed
   * away meanwhile) and sets the next one going in its place on the heap.
   */
  depart(shaper: number, atNs: number): number {
    const words = this.#shapers.words;
    const departing = words[shaper * shaperWords + sending]!;
    const following = this.#choose(shaper, atNs);
    if (following === none) {
      words[shaper * shaperWords + sending] = idle;
      this.#heap.pop();
    } else {
      this.#heap.replaceTop(this.#begin(shaper, following, atNs), ~shaper);
    }
    if (departing < 0) {
      if (departing === retired) this.#unusedShapers.push(shaper);
      return -1;
    }
    this.#packets.count(departing, field.queuedBytes, -this.#packets.bytesOf(departing));
    return departing;
  }

  /** Takes a flow's packets out, oldest first, into `into`; the flow is then free to serve another pair. */
  flush(flow: number, into: number[]): void {
    const packets = this.#packets;
    const words = this.#flows.words;
    const at = flow * flowWords;
    const shaper = words[at + shaperOfFlow]!;
    const current = this.#shapers.words[shaper * shaperWords + sending]!;
    const flushed: number[] = [];
    if (current >= 0 && packets.flowOf(current) === flow) {
      flushed.push(current);
      this.#shapers.words[shaper * shaperWords + sending] = vacated;
    }
    if (words[at + head] !== none) this.#leaveRing(shaper, flow);
    for (let slot = words[at + head]!; slot !== none; slot = packets.nextOf(slot)) flushed.push(slot);
    for (const slot of flushed) packets.count(slot, field.queuedBytes, -packets.bytesOf(slot));
    words[at + head] = none;
    words[at + waitingBytes] = 0;
    into.push(...flushed);
  }

  /** When it will have been sent. */
  #begin(shaper: number, slot: number, startNs: number): number {
    const floats = this.#shapers.floats;
    const at = shaper * shaperFloats;
    const departureNs = startNs + this.#packets.bytesOf(slot) * floats[at + nsPerByte]!;
    this.#shapers.words[shaper * shaperWords + sending] = slot;
    floats[at + freeAtNs] = departureNs;
    return departureNs;
  }

  /** The packet whose turn it is, or none. */
  #choose(shaper: number, nowNs: number): number {
    const packets = this.#packets;
    const words = this.#flows.words;
    const turn = shaper * shaperWords + firstFlow;
    for (let flow = this.#shapers.words[turn]!; flow !== none; flow = this.#shapers.words[turn]!) {
      const at = flow * flowWords;
      const slot = words[at + head]!;
      const bytes = packets.bytesOf(slot);
      if (bytes > words[at + deficitBytes]!) {
        words[at + deficitBytes]! += quantumBytes;
        this.#rotateRing(shaper, flow);
        continue;
      }
      words[at + deficitBytes]! -= bytes;
      words[at + waitingBytes]! -= bytes;
      const behind = packets.nextOf(slot);
      words[at + head] = behind;
      // A flow that has nothing left gives up the rest of its turn.
      if (behind === none) this.#leaveHeadOfRing(shaper, flow);
      if (this.#shapers.floats[shaper * shaperFloats + targetNs] === 0) return slot;
      if (!this.#condemned(flow, slot, shaper, nowNs)) return slot;
      packets.count(slot, field.queuedBytes, -bytes);
      packets.drop(slot, field.droppedQueue);
    }
    return none;
  }

  /** CoDel's word on a packet that leaves its queue: true when it must be dropped because it cannot be marked. */
  #condemned(flow: number, slot: number, shaper: number, nowNs: number): boolean {
    const packets = this.#packets;
    const floats = this.#shapers.floats;
    const at = shaper * shaperFloats;
    const condemned = this.#codel.condemns(
      flow,
      nowNs,
      nowNs - packets.timeNsOf(slot),
      this.#flows.words[flow * flowWords + waitingBytes]!,
      floats[at + targetNs]!,
      floats[at + intervalNs]!,
    );
    if (!condemned) return false;
    const mayMark = this.#shapers.words[shaper * shaperWords + marks] === 1;
    if (!mayMark || !packets.pool.markCongestion(slot, packets.bytesOf(slot))) return true;
    packets.count(slot, field.marked, 1);
    return false;
  }

  #joinRing(shaper: number, flow: number): void {
    const shapers = this.#shapers.words;
    const flows = this.#flows.words;
    const at = shaper * shaperWords;
    flows[flow * flowWords + nextInRing] = none;
    if (shapers[at + firstFlow] === none) shapers[at + firstFlow] = flow;
    else flows[shapers[at + lastFlow]! * flowWords + nextInRing] = flow;
    shapers[at + lastFlow] = flow;
  }

  #leaveHeadOfRing(shaper: number, flow: number): void {
    this.#shapers.words[shaper * shaperWords + firstFlow] = this.#flows.words[flow * flowWords + nextInRing]!;
  }

  #rotateRing(shaper: number, flow: number): void {
    if (this.#flows.words[flow * flowWords + nextInRing] === none) return;
    this.#leaveHeadOfRing(shaper, flow);
    this.#joinRing(shaper, flow);
  }

  #leaveRing(shaper: number, leaving: number): void {
    const shapers = this.#shapers.words;
    const first = shapers[shaper * shaperWords + firstFlow]!;
    shapers[shaper * shaperWords + firstFlow] = none;
    for (let flow = first; flow !== none; ) {
      const next = this.#flows.words[flow * flowWords + nextInRing]!;
      if (flow !== leaving) this.#joinRing(shaper, flow);
      flow = next;
    }
  }
}
