/**
 * A pair's MTU, as the sender's own kernel knows it: a host route with an MTU. Path discovery, fragmentation and
 * TCP's segment size then follow by themselves, and no packet has to be refused on the way.
 */
import { deleteHostRoute, routeWithMtu } from "#testbed/linux/links.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { SystemCallError } from "#testbed/linux/syscalls.ts";
import { bytes4, bytes6, nodeNumber } from "#testbed/network/addresses.ts";
import type { Network } from "#testbed/network/conditions.ts";
import { type Namespaces, nodeLinkIndex, type Placement } from "./namespaces.ts";

export class MtuRoutes {
  readonly #namespaces: Namespaces;
  readonly #placement: Placement;
  /** Sender → receiver → MTU, as the senders' kernels have them now. */
  #inForce = new Map<number, Map<number, number>>();

  constructor(namespaces: Namespaces, placement: Placement) {
    this.#namespaces = namespaces;
    this.#placement = placement;
  }

  /** A node that was made anew has none of its routes. */
  forget(node: number): void {
    this.#inForce.delete(node);
  }

  apply(network: Network): void {
    const wanted = wantedMtus(network);
    for (const from of new Set([...wanted.keys(), ...this.#inForce.keys()])) {
      if (this.#namespaces.fdOf(from) === undefined) continue;
      const before = this.#inForce.get(from) ?? new Map<number, number>();
      const after = wanted.get(from) ?? new Map<number, number>();
      const added = [...after].filter(([to, mtu]) => before.get(to) !== mtu);
      const removed = [...before.keys()].filter((to) => !after.has(to));
      if (added.length + removed.length > 0)
        this.#namespaces.within(from, () => this.#change(added, removed));
      this.#inForce.set(from, after);
    }
  }

  #change(added: readonly (readonly [number, number])[], removed: readonly number[]): void {
    const netlink = new Netlink();
    try {
      for (const [to, mtu] of added) {
        for (const address of this.#addresses(to)) netlink.request(routeWithMtu(nodeLinkIndex, address, mtu));
      }
      for (const to of removed) {
        for (const address of this.#addresses(to)) removeRoute(netlink, address);
      }
    } finally {
      netlink.close();
    }
  }

  #addresses(node: number): Uint8Array[] {
    const { subnet, ipv6 } = this.#placement;
    const number = nodeNumber(node);
    return [bytes4(subnet, number), ...(ipv6 ? [bytes6(subnet, number)] : [])];
  }
}

function removeRoute(netlink: Netlink, address: Uint8Array): void {
  try {
    netlink.request(deleteHostRoute(nodeLinkIndex, address));
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === "ESRCH")) throw error; // Gone already.
  }
}

function wantedMtus(network: Network): Map<number, Map<number, number>> {
  const wanted = new Map<number, Map<number, number>>();
  if (!network.conditions.some(({ mtuBytes }) => mtuBytes !== undefined)) return wanted;
  const size = network.nodes.length;
  for (let pair = 0; pair < network.pairs.length; pair++) {
    const mtu = network.conditions[network.pairs[pair]!]!.mtuBytes;
    const [from, to] = [Math.floor(pair / size), pair % size];
    if (mtu === undefined || from === to) continue;
    const row = wanted.get(from) ?? new Map<number, number>();
    wanted.set(from, row.set(to, mtu));
  }
  return wanted;
}
