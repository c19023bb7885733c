/** An emulator on a clock of the test's own, with packets that carry a number, for the tests of the wire. */
import type { Network } from "#testbed/network/conditions.ts";
import { Counters } from "./counters.ts";
import { Emulator } from "./emulator.ts";
import { PacketPool } from "./packet-pool.ts";

export type Delivery = {
  /** The number given when sent. */
  number: number;
  from: number;
  to: number;
  bytes: number;
  dueNs: number;
};

export const second = 1e9;
export const millisecond = 1e6;

const slotBytes = 1600;
const headerBytes = 20;

export class TestWire {
  readonly pool: PacketPool;
  readonly memory: Uint8Array;
  readonly counters: Counters;
  readonly emulator: Emulator;
  readonly deliveries: Delivery[] = [];
  /** What the sink is told besides: for tests that must see a packet's bytes. */
  onDelivery: (slot: number, delivery: Delivery) => void = () => {};

  constructor(network: Network, { seed = 1, slots = 4096, nodeCapacity = network.nodes.length } = {}) {
    this.memory = new Uint8Array(slots * slotBytes);
    this.pool = new PacketPool(this.memory, slotBytes);
    this.counters = new Counters(new SharedArrayBuffer(Counters.bytesFor(nodeCapacity)), nodeCapacity);
    const sink = {
      deliver: (slot: number, bytes: number, from: number, to: number, dueNs: number) => {
        const delivery = { number: this.numberIn(slot), from, to, bytes, dueNs };
        this.deliveries.push(delivery);
        this.onDelivery(slot, delivery);
        this.pool.release(slot);
      },
    };
    this.emulator = new Emulator({ network, pool: this.pool, sink, seed, counters: this.counters });
  }

  /** An IPv4 packet whose sender offers ECN. False when the pool has no slot for it. */
  send(from: number, to: number, atNs: number, { bytes = 1500, number = 0 } = {}): boolean {
    const slot = this.pool.allocate();
    if (slot < 0) {
      this.emulator.refuse(bytes, from, to);
      return false;
    }
    const packet = this.packet(slot);
    packet.setUint32(0, 0x45020000 + bytes);
    packet.setUint32(headerBytes, number);
    this.emulator.arrive(slot, bytes, from, to, atNs);
    return true;
  }

  /** Until nothing is in flight. */
  drain(): void {
    while (this.emulator.nextDueNs() < Infinity) this.emulator.advance(this.emulator.nextDueNs());
  }

  dueNsOf(from: number, to: number): number[] {
    return this.deliveries.filter((each) => each.from === from && each.to === to).map(({ dueNs }) => dueNs);
  }

  numberIn(slot: number): number {
    return this.packet(slot).getUint32(headerBytes);
  }

  packet(slot: number): DataView {
    return new DataView(this.memory.buffer, this.pool.offsetOf(slot), slotBytes);
  }
}
