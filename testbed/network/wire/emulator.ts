/**
 * The wire without its sockets: packets and times go in, packets and due times come out. It reads no clock, so a
 * test's clock drives it as well as the kernel's, and one seed repeats every draw.
 *
 * What a packet passes: cut, MTU, loss, corruption, duplication; then its source's up link, the links of its path,
 * its pair's own rate, the delay with its jitter, and its destination's down link.
 *
 * Times are nanoseconds of one monotonic clock. Every event is handled in the order and at the time of its own,
 * whenever `arrive` or `advance` get to it: a late call delivers late, but shifts no later packet's due time.
 */
import type { Network } from "#testbed/network/conditions.ts";
import { ConditionSets } from "./condition-sets.ts";
import { type Counters, field, fieldsPerPair } from "./counters.ts";
import { DelayLine } from "./delay-line.ts";
import { EventHeap } from "./event-heap.ts";
import { Impairments } from "./impairments.ts";
import { independentDeviationNs, OrderedJitter } from "./jitter.ts";
import type { PacketPool } from "./packet-pool.ts";
import { PacketTable } from "./packet-table.ts";
import { conditionSet, PairState, pairWords } from "./pair-state.ts";
import { PairRandom } from "./random.ts";
import { hopsAfter, hopsBefore, Routes } from "./routes.ts";
import { Shapers } from "./shaper.ts";

export interface PacketSink {
  /** Called in the order of `dueNs`. The slot is now the sink's, which releases it after sending. */
  deliver(slot: number, bytes: number, from: number, to: number, dueNs: number): void;
}

export type EmulatorOptions = {
  network: Network;
  pool: PacketPool;
  sink: PacketSink;
  seed: number;
  /** Its `nodeCapacity` bounds the nodes that an update may add. */
  counters: Counters;
};

export class Emulator {
  readonly #sink: PacketSink;
  readonly #packets: PacketTable;
  readonly #pairs: PairState;
  readonly #counts: Float64Array;
  readonly #heap: EventHeap;
  readonly #sets = new ConditionSets();
  readonly #random: PairRandom;
  readonly #jitter: OrderedJitter;
  readonly #impairments: Impairments;
  readonly #shapers: Shapers;
  readonly #routes: Routes;
  readonly #line: DelayLine;
  #nodes = 0;

  constructor({ network, pool, sink, seed, counters }: EmulatorOptions) {
    const pairs = new PairState(counters.nodeCapacity);
    this.#sink = sink;
    this.#pairs = pairs;
    this.#packets = new PacketTable(pool, counters);
    this.#counts = counters.values;
    this.#heap = new EventHeap(1024);
    this.#random = new PairRandom(seed, pairs.pairs);
    this.#jitter = new OrderedJitter(this.#random, pairs.pairs);
    this.#impairments = new Impairments(this.#packets, this.#sets, this.#random, pairs.pairs);
    this.#line = new DelayLine(this.#packets, pairs, this.#heap);
    this.#shapers = new Shapers(this.#packets, this.#heap);
    this.#checkNodes(network);
    this.#routes = new Routes(this.#shapers, pairs, network);
    this.#adoptConditions(network, undefined);
  }

  /**
   * A packet of `bytes` in `slot`, stamped by the kernel at `atNs`; the slot is now the emulator's. Events due
   * before it are handled first. A stamp behind an earlier advance() counts for the delay as it is.
   */
  arrive(slot: number, bytes: number, from: number, to: number, atNs: number): void {
    if (this.#heap.topTimeNs <= atNs) this.#run(atNs);
    const pair = from * this.#pairs.nodeCapacity + to;
    this.#packets.note(slot, pair, bytes, from, to, atNs);
    const counts = this.#counts;
    const base = pair * fieldsPerPair;
    counts[base + field.packets]! += 1;
    counts[base + field.bytes]! += bytes;
    const set = this.#pairs.words[pair * pairWords + conditionSet]!;
    const which = this.#sets.impairments[set]!;
    if (which === 0) {
      this.#depart(slot, pair, atNs);
      return;
    }
    if (!this.#impairments.survives(slot, pair, set, which)) return;
    const second = this.#impairments.duplicate(slot, pair, set, which);
    this.#depart(slot, pair, atNs);
    if (second >= 0) this.#depart(second, pair, atNs);
  }

  /** A packet for which the caller found no free slot. */
  refuse(bytes: number, from: number, to: number): void {
    const base = (from * this.#pairs.nodeCapacity + to) * fieldsPerPair;
    this.#counts[base + field.packets]! += 1;
    this.#counts[base + field.bytes]! += bytes;
    this.#counts[base + field.droppedOverload]! += 1;
  }

  advance(nowNs: number): void {
    if (this.#heap.topTimeNs <= nowNs) this.#run(nowNs);
  }

  /** Infinity when nothing is in flight. */
  nextDueNs(): number {
    return this.#heap.topTimeNs;
  }

  /**
   * Puts other conditions in force at `nowNs`, after all events until then. Packets in their delay keep their
   * schedule; those that wait for a rate are sent at its new value; those that wait for one which their pair no
   * longer passes go on at once. Nothing is lost, and no pair is turned around (unless its jitter reorders).
   *
   * `changedPairs` are the `from * network.nodes.length + to` whose conditions differ; all are looked at when it
   * is absent or the number of nodes changed. Nodes keep their numbers: new ones are appended, removed ones stay
   * in the list with `cut` conditions.
   */
  update(network: Network, changedPairs: Iterable<number> | undefined, nowNs: number): void {
    this.advance(nowNs);
    const known = this.#nodes;
    this.#checkNodes(network);
    const nodes = network.nodes.length;
    const all = changedPairs === undefined || nodes !== known;
    const pairs = all ? undefined : Array.from(changedPairs, (pair) => this.#pairOf(pair, nodes));
    this.#adoptConditions(network, pairs);
    this.#routes.update(network, pairs, (pair, beforeDelay, afterDelay) => {
      for (const slot of afterDelay) this.#deliver(slot, pair, nowNs);
      for (const slot of beforeDelay) this.#delay(slot, pair, nowNs);
    });
  }

  #run(untilNs: number): void {
    const heap = this.#heap;
    for (let nowNs = heap.topTimeNs; nowNs <= untilNs; nowNs = heap.topTimeNs) {
      const id = heap.topId;
      if (id >= 0) this.#arrivedAcross(id, nowNs);
      else this.#sent(~id, nowNs);
    }
  }

  /** Into the first queue that the pair passes, or straight into the delay. */
  #depart(slot: number, pair: number, nowNs: number): void {
    if (hopsBefore(this.#routes.planOf(pair)) === 0) this.#delay(slot, pair, nowNs);
    else this.#shapers.offer(this.#routes.firstFlowOf(pair), slot, nowNs);
  }

  /** A shaper has sent its packet, which goes on to the pair's next hop. */
  #sent(shaper: number, nowNs: number): void {
    const slot = this.#shapers.depart(shaper, nowNs);
    if (slot < 0) return;
    const pair = this.#packets.pairOf(slot);
    const next = this.#packets.flowOf(slot) + 1;
    const before = hopsBefore(this.#routes.planOf(pair));
    const hop = next - this.#routes.firstFlowOf(pair);
    if (hop < before) this.#shapers.offer(next, slot, nowNs);
    else if (hop === before) this.#delay(slot, pair, nowNs);
    else this.#deliver(slot, pair, nowNs);
  }

  #delay(slot: number, pair: number, nowNs: number): void {
    const sets = this.#sets;
    const set = this.#pairs.words[pair * pairWords + conditionSet]!;
    const delayNs = sets.delayNs[set]!;
    const shape = sets.jitter[set];
    if (shape === undefined) {
      this.#line.enter(slot, pair, nowNs + delayNs);
    } else if (sets.reorders[set] === 0) {
      const delay = delayNs + this.#jitter.deviationNs(pair, shape, nowNs);
      this.#line.enter(slot, pair, delay > 0 ? nowNs + delay : nowNs);
    } else {
      const delay = delayNs + independentDeviationNs(this.#random, pair, shape);
      this.#line.enterOvertaking(slot, pair, delay > 0 ? nowNs + delay : nowNs);
    }
  }

  #arrivedAcross(slot: number, nowNs: number): void {
    const pair = this.#packets.pairOf(slot);
    this.#line.leave(slot, pair);
    const plan = this.#routes.planOf(pair);
    if (hopsAfter(plan) === 0) this.#deliver(slot, pair, nowNs);
    else this.#shapers.offer(this.#routes.firstFlowOf(pair) + hopsBefore(plan), slot, nowNs);
  }

  #deliver(slot: number, pair: number, nowNs: number): void {
    const packets = this.#packets;
    const bytes = packets.bytesOf(slot);
    const delayNs = nowNs - packets.arrivedNsOf(slot);
    const counts = this.#counts;
    const base = pair * fieldsPerPair;
    counts[base + field.deliveredPackets]! += 1;
    counts[base + field.deliveredBytes]! += bytes;
    counts[base + field.delaySumNs]! += delayNs;
    if (delayNs > counts[base + field.delayMaxNs]!) counts[base + field.delayMaxNs] = delayNs;
    this.#sink.deliver(slot, bytes, packets.fromOf(slot), packets.toOf(slot), nowNs);
  }

  #adoptConditions(network: Network, pairs: readonly number[] | undefined): void {
    const nodes = network.nodes.length;
    if (pairs !== undefined) {
      for (const pair of pairs) this.#setConditions(network, pair);
      return;
    }
    for (let from = 0; from < nodes; from++) {
      for (let to = 0; to < nodes; to++) this.#setConditions(network, from * this.#pairs.nodeCapacity + to);
    }
  }

  #setConditions(network: Network, pair: number): void {
    const words = this.#pairs.words;
    const from = this.#pairs.sourceOf(pair);
    const to = this.#pairs.targetOf(pair);
    const conditions = network.conditions[network.pairs[from * network.nodes.length + to]!]!;
    const before = words[pair * pairWords + conditionSet]!;
    words[pair * pairWords + conditionSet] = this.#sets.hold(conditions);
    this.#sets.release(before);
  }

  #pairOf(networkPair: number, nodes: number): number {
    return Math.floor(networkPair / nodes) * this.#pairs.nodeCapacity + (networkPair % nodes);
  }

  #checkNodes(network: Network): void {
    const nodes = network.nodes.length;
    if (nodes < this.#nodes) throw new Error(`a network of ${this.#nodes} nodes was updated to ${nodes}`);
    if (nodes > this.#pairs.nodeCapacity) {
      throw new Error(`${nodes} nodes: the counters have room for ${this.#pairs.nodeCapacity}`);
    }
    this.#nodes = nodes;
  }
}
