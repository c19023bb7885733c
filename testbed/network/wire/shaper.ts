/**
 * Rates: each shaper sends one packet at a time, and shares its rate between the queues (one per pair) that
 * wait for it by deficit round robin (Shreedhar and Varghese 1995). A packet departs at
 * max(the departure before it, its arrival) + its bytes / rate: no burst, nothing lost to late wake-ups.
 */
import type { Queue } from "#testbed/network/conditions.ts";
import { CodelQueues, codelIntervalNs, codelTargetNs } from "./codel.ts";
import { field } from "./counters.ts";
import type { EventHeap } from "./event-heap.ts";
import type { PacketTable } from "./packet-table.ts";

/** Bytes that a queue may send per turn: one full packet, so that turns are short and cost no second look. */
const quantumBytes = 1514;

const idle = -1;
/** Its packet was taken away by `flush`; it is free again when that packet would have left. */
const vacated = -2;
/** Vacated and removed: its number may be used again when that packet would have left. */
const retired = -3;
const none = -1;

export class Shapers {
  readonly #packets: PacketTable;
  readonly #heap: EventHeap;
  readonly #codel = new CodelQueues();

  // By shaper.
  #shaperCount = 0;
  readonly #unusedShapers: number[] = [];
  #nsPerByte = new Float64Array(64);
  #freeAtNs = new Float64Array(64);
  #sending = new Int32Array(64);
  /** The ring of queues that wait, as a list: turns are taken from its head, which then goes to its tail. */
  #firstFlow = new Int32Array(64);
  #lastFlow = new Int32Array(64);
  /** CoDel's target; 0 for drop-tail. */
  #targetNs = new Float64Array(64);
  #intervalNs = new Float64Array(64);
  #marks = new Uint8Array(64);

  // By flow: one pair's queue at one shaper.
  #flowCount = 0;
  #shaperOf = new Int32Array(256);
  #head = new Int32Array(256);
  #tail = new Int32Array(256);
  #waitingBytes = new Float64Array(256);
  #limitBytes = new Float64Array(256);
  #deficitBytes = new Int32Array(256);
  #nextFlow = new Int32Array(256);

  constructor(packets: PacketTable, heap: EventHeap) {
    this.#packets = packets;
    this.#heap = heap;
  }

  addShaper(rateBitsPerSecond: number, queue: Queue | undefined): number {
    const shaper = this.#unusedShapers.pop() ?? this.#shaperCount++;
    if (shaper >= this.#sending.length) this.#growShapers();
    this.#freeAtNs[shaper] = 0;
    this.#sending[shaper] = idle;
    this.#firstFlow[shaper] = none;
    this.#lastFlow[shaper] = none;
    this.configure(shaper, rateBitsPerSecond, queue);
    return shaper;
  }

  /** In force from the next packet that it begins to send. */
  configure(shaper: number, rateBitsPerSecond: number, queue: Queue | undefined): void {
    const codel = queue?.discipline === "codel";
    this.#nsPerByte[shaper] = 8e9 / rateBitsPerSecond;
    this.#targetNs[shaper] = codel ? codelTargetNs(rateBitsPerSecond) : 0;
    this.#intervalNs[shaper] = codel ? codelIntervalNs(rateBitsPerSecond) : 0;
    this.#marks[shaper] = codel && queue.ecn ? 1 : 0;
  }

  /** Once every flow that used it was flushed. */
  removeShaper(shaper: number): void {
    if (this.#sending[shaper] === idle) this.#unusedShapers.push(shaper);
    else this.#sending[shaper] = retired;
  }

  /** As many new flows, numbered in a row; returns the first. */
  addFlows(count: number): number {
    const first = this.#flowCount;
    this.#flowCount += count;
    while (this.#flowCount > this.#head.length) this.#growFlows();
    return first;
  }

  setFlow(flow: number, shaper: number): void {
    this.#shaperOf[flow] = shaper;
    this.#head[flow] = none;
    this.#tail[flow] = none;
    this.#waitingBytes[flow] = 0;
    this.#deficitBytes[flow] = 0;
    this.#codel.reserve(this.#head.length);
    this.#codel.reset(flow);
  }

  setLimit(flow: number, limitBytes: number): void {
    this.#limitBytes[flow] = limitBytes;
  }

  shaperOf(flow: number): number {
    return this.#shaperOf[flow]!;
  }

  /** A packet comes to its queue, and is sent, waits, or is dropped for want of room. */
  offer(flow: number, slot: number, atNs: number): void {
    const packets = this.#packets;
    const shaper = this.#shaperOf[flow]!;
    const bytes = packets.bytes[slot]!;
    packets.flow[slot] = flow;
    packets.timeNs[slot] = atNs;
    if (this.#sending[shaper] === idle) {
      packets.count(packets.pair[slot]!, field.queuedBytes, bytes);
      // Whoever finds the shaper idle has waited for nothing; CoDel only needs to know that.
      if (this.#targetNs[shaper] !== 0) this.#condemned(flow, slot, shaper, atNs);
      const freeAtNs = this.#freeAtNs[shaper]!;
      this.#heap.push(this.#begin(shaper, slot, Math.max(freeAtNs, atNs)), ~shaper);
      return;
    }
    const waiting = this.#waitingBytes[flow]! + bytes;
    if (waiting > this.#limitBytes[flow]!) {
      packets.drop(slot, field.droppedQueue);
      return;
    }
    packets.count(packets.pair[slot]!, field.queuedBytes, bytes);
    this.#waitingBytes[flow] = waiting;
    packets.next[slot] = none;
    if (this.#head[flow] === none) {
      this.#head[flow] = slot;
      this.#deficitBytes[flow] = quantumBytes;
      this.#joinRing(shaper, flow);
    } else {
      packets.next[this.#tail[flow]!] = slot;
    }
    this.#tail[flow] = slot;
  }

  /**
   * The heap's top says that this shaper's packet departs at `atNs`: returns its slot (-1 when it was flushed
   * away meanwhile) and sets the next one going in its place on the heap.
   */
  depart(shaper: number, atNs: number): number {
    const departing = this.#sending[shaper]!;
    const following = this.#choose(shaper, atNs);
    if (following === none) {
      this.#sending[shaper] = idle;
      this.#heap.pop();
    } else {
      this.#heap.replaceTop(this.#begin(shaper, following, atNs), ~shaper);
    }
    if (departing < 0) {
      if (departing === retired) this.#unusedShapers.push(shaper);
      return -1;
    }
    const packets = this.#packets;
    packets.count(packets.pair[departing]!, field.queuedBytes, -packets.bytes[departing]!);
    return departing;
  }

  /** Takes a flow's packets out, oldest first, into `into`; the flow is then free to serve another pair. */
  flush(flow: number, into: number[]): void {
    const packets = this.#packets;
    const shaper = this.#shaperOf[flow]!;
    const sending = this.#sending[shaper]!;
    if (sending >= 0 && packets.flow[sending] === flow) {
      into.push(sending);
      packets.count(packets.pair[sending]!, field.queuedBytes, -packets.bytes[sending]!);
      this.#sending[shaper] = vacated;
    }
    if (this.#head[flow] !== none) this.#leaveRing(shaper, flow);
    for (let slot = this.#head[flow]!; slot !== none; slot = packets.next[slot]!) {
      into.push(slot);
      packets.count(packets.pair[slot]!, field.queuedBytes, -packets.bytes[slot]!);
    }
    this.#head[flow] = none;
    this.#tail[flow] = none;
    this.#waitingBytes[flow] = 0;
  }

  /** When it will have been sent. */
  #begin(shaper: number, slot: number, startNs: number): number {
    this.#sending[shaper] = slot;
    const departureNs = startNs + this.#packets.bytes[slot]! * this.#nsPerByte[shaper]!;
    this.#freeAtNs[shaper] = departureNs;
    return departureNs;
  }

  /** The packet whose turn it is, or none. */
  #choose(shaper: number, nowNs: number): number {
    const packets = this.#packets;
    for (let flow = this.#firstFlow[shaper]!; flow !== none; flow = this.#firstFlow[shaper]!) {
      const slot = this.#head[flow]!;
      const bytes = packets.bytes[slot]!;
      if (bytes > this.#deficitBytes[flow]!) {
        this.#deficitBytes[flow]! += quantumBytes;
        this.#rotateRing(shaper, flow);
        continue;
      }
      this.#takeHead(shaper, flow, slot, bytes);
      if (this.#targetNs[shaper] !== 0 && this.#condemned(flow, slot, shaper, nowNs)) {
        packets.count(packets.pair[slot]!, field.queuedBytes, -bytes);
        packets.drop(slot, field.droppedQueue);
        continue;
      }
      return slot;
    }
    return none;
  }

  #takeHead(shaper: number, flow: number, slot: number, bytes: number): void {
    this.#waitingBytes[flow]! -= bytes;
    this.#deficitBytes[flow]! -= bytes;
    const behind = this.#packets.next[slot]!;
    this.#head[flow] = behind;
    if (behind !== none) return;
    this.#tail[flow] = none;
    // It is at the ring's head. A flow that rests gives up what was left of its turn.
    const next = this.#nextFlow[flow]!;
    this.#firstFlow[shaper] = next;
    if (next === none) this.#lastFlow[shaper] = none;
  }

  /** CoDel's word on a packet that leaves its queue: true when it must be dropped because it cannot be marked. */
  #condemned(flow: number, slot: number, shaper: number, nowNs: number): boolean {
    const packets = this.#packets;
    const condemned = this.#codel.condemns(
      flow,
      nowNs,
      nowNs - packets.timeNs[slot]!,
      this.#waitingBytes[flow]!,
      this.#targetNs[shaper]!,
      this.#intervalNs[shaper]!,
    );
    if (!condemned) return false;
    if (this.#marks[shaper] === 0 || !packets.pool.markCongestion(slot, packets.bytes[slot]!)) return true;
    packets.count(packets.pair[slot]!, field.marked, 1);
    return false;
  }

  #joinRing(shaper: number, flow: number): void {
    this.#nextFlow[flow] = none;
    if (this.#firstFlow[shaper] === none) this.#firstFlow[shaper] = flow;
    else this.#nextFlow[this.#lastFlow[shaper]!] = flow;
    this.#lastFlow[shaper] = flow;
  }

  #rotateRing(shaper: number, flow: number): void {
    if (this.#lastFlow[shaper] === flow) return;
    this.#firstFlow[shaper] = this.#nextFlow[flow]!;
    this.#joinRing(shaper, flow);
  }

  #leaveRing(shaper: number, leaving: number): void {
    const first = this.#firstFlow[shaper]!;
    this.#firstFlow[shaper] = none;
    this.#lastFlow[shaper] = none;
    for (let flow = first; flow !== none; ) {
      const next = this.#nextFlow[flow]!;
      if (flow !== leaving) this.#joinRing(shaper, flow);
      flow = next;
    }
  }

  #growShapers(): void {
    this.#nsPerByte = doubledFloats(this.#nsPerByte);
    this.#freeAtNs = doubledFloats(this.#freeAtNs);
    this.#sending = doubledWords(this.#sending);
    this.#firstFlow = doubledWords(this.#firstFlow);
    this.#lastFlow = doubledWords(this.#lastFlow);
    this.#targetNs = doubledFloats(this.#targetNs);
    this.#intervalNs = doubledFloats(this.#intervalNs);
    const marks = new Uint8Array(this.#marks.length * 2);
    marks.set(this.#marks);
    this.#marks = marks;
  }

  #growFlows(): void {
    this.#shaperOf = doubledWords(this.#shaperOf);
    this.#head = doubledWords(this.#head);
    this.#tail = doubledWords(this.#tail);
    this.#waitingBytes = doubledFloats(this.#waitingBytes);
    this.#limitBytes = doubledFloats(this.#limitBytes);
    this.#deficitBytes = doubledWords(this.#deficitBytes);
    this.#nextFlow = doubledWords(this.#nextFlow);
  }
}

function doubledFloats(old: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}

function doubledWords(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}
