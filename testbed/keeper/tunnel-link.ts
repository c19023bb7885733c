/**
 * The controller's ends of nodes on other machines: for each a VXLAN device, and behind a bridge of its own the same
 * veth end that every other node has. The detour makes packets of what comes out of a tunnel: network cards merge the
 * packets of one flow before the tunnel is unpacked, and an underlay within this machine leaves checksums unfinished;
 * the kernel undoes both where packets enter a device without offloads. All of it stands in a namespace of its own,
 * since the fabric looks at every packet of the one that it works in.
 */
import {
  bridge,
  bridgePort,
  deleteLink,
  type EndSpec,
  linkUp,
  stopLearning,
  vethPair,
  vxlan,
} from "#testbed/linux/links.ts";
import { inNamespace, withNewNamespace } from "#testbed/linux/namespace.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { disableOffloads } from "#testbed/linux/offloads.ts";
import { SystemCallError } from "#testbed/linux/syscalls.ts";
import type { LinkEnd } from "#testbed/nodes/body.ts";
import { UserError } from "#testbed/user-error.ts";
import { setDefault } from "./namespace-settings.ts";

/** Further apart than a lab has nodes, so that an index says which part of which node's link it is. */
const parts = { tunnel: 10_000, inner: 20_000, bridge: 30_000 } as const;

const nameOf = (part: keyof typeof parts, node: number) => `${part[0]}${node}`;

type TunnelSettings = { mtuBytes: number; arp: boolean };

export class TunnelLinks {
  readonly #fabric: Netlink;
  readonly #settings: TunnelSettings;
  readonly #fd: number;
  readonly #own: Netlink;

  constructor(fabric: Netlink, settings: TunnelSettings) {
    this.#fabric = fabric;
    this.#settings = settings;
    [this.#fd, this.#own] = withNewNamespace((fd) => {
      setDefault("disable_ipv6", "1");
      return [fd, new Netlink()] as const;
    });
  }

  /** Called in the namespace whose network carries the tunnel. `outer` is the end that the fabric sees. */
  join(node: number, outer: EndSpec, tunnel: LinkEnd & { in: "tunnel" }): void {
    const { mtuBytes, arp } = this.#settings;
    const part = (which: keyof typeof parts, at: number): EndSpec => ({
      index: parts[which] + node,
      name: nameOf(which, node),
      mtuBytes,
      mac: Uint8Array.of(0x02, 0, 0, at, node >> 8, node),
    });
    const [far, inner, between] = [part("tunnel", 2), part("inner", 3), part("bridge", 4)];
    this.#make(vxlan(far, tunnel, this.#fd, arp));
    this.#fabric.request(vethPair(outer, inner, this.#fd, arp));
    // Before anything passes.
    inNamespace(this.#fd, () => disableOffloads(inner.name));
    this.#own.request(
      bridge(between),
      bridgePort(far.index, between.index),
      bridgePort(inner.index, between.index),
      // Without ARP a node's frames go to its own address, and a bridge that knew where that is would drop them.
      stopLearning(far.index),
      stopLearning(inner.index),
      linkUp(between.index),
      linkUp(inner.index),
      linkUp(far.index),
    );
    this.#fabric.request(linkUp(outer.index));
  }

  /** After the fabric's end is gone. What is gone already is no error. */
  leave(node: number): void {
    for (const part of ["tunnel", "bridge"] as const) {
      try {
        this.#own.request(deleteLink(nameOf(part, node)));
      } catch (error) {
        if (!(error instanceof SystemCallError && error.errno === "ENODEV")) throw error;
      }
    }
  }

  #make(tunnel: ReturnType<typeof vxlan>): void {
    const here = new Netlink();
    try {
      here.request(tunnel);
    } catch (error) {
      if (!(error instanceof SystemCallError && error.errno in lacks)) throw error;
      const [what, fix] = lacks[error.errno]!;
      throw new UserError("tunnel", what, fix, 1, { cause: error });
    } finally {
      here.close();
    }
  }
}

const lacks: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  EOPNOTSUPP: [
    "the kernel of this machine has no vxlan, by which nodes on other machines are reached",
    "sudo modprobe vxlan says why; Ubuntu has it in linux-modules-extra",
  ],
  EEXIST: [
    "this machine has a tunnel of that number already",
    "provision the lab again: it gets other numbers",
  ],
  EADDRINUSE: [
    "the UDP port of the tunnels is taken on this machine by something else",
    "sudo ss -lunp shows by whom",
  ],
};
