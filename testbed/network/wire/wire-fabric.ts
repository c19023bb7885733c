/** The wire behind the fabric's interface; it grows the wire's tables when a lab outgrows them. */

import type { Subnet } from "#testbed/network/addresses.ts";
import { changedPairs } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import type { PairCounters } from "./counters.ts";
import { Wire } from "./wire.ts";

/** 64 MiB of addresses for packets in flight: 1 Gbit/s for 350 ms. Only what is used takes memory. */
const slots = 1 << 15;
const frames = 4096;
/** Above ordinary real-time programs' default, below the kernel's own threads. */
const realTimePriority = 20;

export type WireFabricSettings = {
  namespaceFd: number;
  subnet: Subnet;
  interfaceBase: number;
  hostMac: Uint8Array;
  macOf: (node: number) => Uint8Array;
  mtuBytes: number;
  seed: number;
  network: Network;
};

function roomFor(nodes: number): number {
  return nodes + Math.max(16, nodes >> 2) + 1;
}

export class WireFabric implements Fabric {
  readonly kind = "wire";
  readonly #settings: WireFabricSettings;
  readonly #attached = new Set<number>();
  #network: Network;
  #capacity: number;
  #wire: Wire;

  private constructor(settings: WireFabricSettings, capacity: number, wire: Wire) {
    this.#settings = settings;
    this.#network = settings.network;
    this.#capacity = capacity;
    this.#wire = wire;
  }

  static async start(settings: WireFabricSettings): Promise<WireFabric> {
    const capacity = roomFor(settings.network.nodes.length);
    return new WireFabric(settings, capacity, await startWire(settings, settings.network, capacity));
  }

  async attach(node: number): Promise<void> {
    this.#attached.add(node);
    if (node >= this.#capacity - 1) await this.#grow(node + 1);
    else await this.#attachTo(this.#wire, node);
  }

  async detach(node: number): Promise<void> {
    this.#attached.delete(node);
    await this.#wire.order({ do: "detach", node });
  }

  async apply(network: Network): Promise<number> {
    if (network.nodes.length > this.#capacity - 1) await this.#grow(network.nodes.length);
    const changed = changedPairs(this.#network, network);
    this.#network = network;
    await this.#wire.order({ do: "network", network, changed: Uint32Array.from(changed) });
    return changed.length;
  }

  pairCounters(from: number, to: number): PairCounters {
    return this.#wire.counters.readPair(from, to);
  }

  report() {
    return this.#wire.report();
  }

  async end(): Promise<void> {
    await this.#wire.end();
  }

  async #attachTo(wire: Wire, node: number): Promise<void> {
    const { interfaceBase, macOf } = this.#settings;
    await wire.order({ do: "attach", node, interfaceIndex: interfaceBase + node, mac: macOf(node) });
  }

  /** The tables have a fixed size: a wire with larger ones takes over, and packets in flight at that moment are lost. */
  async #grow(nodes: number): Promise<void> {
    const before = this.#wire;
    this.#capacity = roomFor(nodes);
    await before.end();
    this.#wire = await startWire(this.#settings, this.#network, this.#capacity);
    for (const node of this.#attached) await this.#attachTo(this.#wire, node);
  }
}

function startWire(settings: WireFabricSettings, network: Network, nodes: number): Promise<Wire> {
  const { namespaceFd, subnet, interfaceBase, hostMac, mtuBytes, seed } = settings;
  return Wire.start({
    namespaceFd,
    addressing: { subnet, nodes, interfaceBase },
    hostMac,
    mtuBytes,
    slots,
    frames,
    nodes,
    network,
    seed,
    priority: realTimePriority,
  });
}
