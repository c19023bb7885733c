/**
 * Makes and unmakes the links of a lab's nodes. The keeper holds each node's namespace by an open descriptor and
 * nothing else: no mount and no file, so when the keeper ends, however it ends, the kernel takes all of it back.
 */
import { writeFileSync } from "node:fs";
import { addAddress, deleteLink, linkUp, listLinks, vethPair } from "#testbed/linux/links.ts";
import { inNamespace, withNewNamespace } from "#testbed/linux/namespace.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { disableOffloads } from "#testbed/linux/offloads.ts";
import { close, SystemCallError } from "#testbed/linux/syscalls.ts";
import {
  bytes4,
  bytes6,
  hostNumber,
  markerZone,
  nodeNumber,
  prefix6,
  type Subnet,
} from "#testbed/network/addresses.ts";
import type { LinkEnd } from "#testbed/nodes/body.ts";
import { setDefault } from "./namespace-settings.ts";
import { TunnelLinks } from "./tunnel-link.ts";

/** Indexes of the outer ends; a node's number is its interface's index less this. */
export const interfaceBase = 1000;
const hostLinkIndex = interfaceBase - 1;
const loopbackIndex = 1;
export const nodeLinkIndex = 2;

/** `arp`: whether nodes ask who has an address, as they must where a bridge joins them. */
export type Placement = { subnet: Subnet; ipv6: boolean; mtuBytes: number; arp: boolean };

/** Every node's inner end has the MAC that says its number; the fabric writes it on what it delivers. */
export function nodeMac(node: number): Uint8Array {
  return Uint8Array.of(0x02, 0, 0, 0, node >> 8, node);
}

export const hostMac = nodeMac(0xffff);

function outerMac(node: number): Uint8Array {
  return Uint8Array.of(0x02, 0, 0, 1, node >> 8, node);
}

export class Namespaces {
  /** Holds the outer ends of all links. Nothing in it has an address, so nothing in it routes. */
  readonly fabricFd: number;
  readonly #fabric: Netlink;
  readonly #placement: Placement;
  readonly #nodes = new Map<number, number>();
  readonly #joined = new Set<number>();
  /** Once the lab has a node on another machine. */
  #tunnels: TunnelLinks | undefined;

  constructor(placement: Placement) {
    this.#placement = placement;
    [this.fabricFd, this.#fabric] = withNewNamespace((fd) => {
      setDefault("disable_ipv6", "1");
      return [fd, new Netlink()] as const;
    });
  }

  /** The path of the machine that runs brume to its nodes: an interface in the caller's own namespace. */
  openHost(interfaceName: string, ownNamespaceFd: number): void {
    const { subnet, ipv6, mtuBytes, arp } = this.#placement;
    this.#fabric.request(
      vethPair(
        { index: hostLinkIndex, name: "host", mtuBytes, mac: outerMac(0xffff) },
        { index: 0, name: interfaceName, mtuBytes, mac: hostMac },
        ownNamespaceFd,
        arp,
      ),
      linkUp(hostLinkIndex),
    );
    const index = interfaceIndex(interfaceName);
    if (ipv6) writeFileSync(`/proc/sys/net/ipv6/conf/${interfaceName}/addr_gen_mode`, "1");
    const own = new Netlink();
    own.request(
      linkUp(index),
      addAddress(index, { bytes: bytes4(subnet, hostNumber), prefix: subnet.prefix }),
      ...(ipv6 ? [addAddress(index, { bytes: bytes6(subnet, hostNumber), prefix: prefix6 })] : []),
    );
    own.close();
    disableOffloads(interfaceName);
  }

  /** Puts the node's link between the fabric and the end that its body has made. */
  join(node: number, end: LinkEnd): void {
    if (end.in === "tunnel") this.#joinTunnel(node, end);
    else this.#joinNamespace(node, end.fd);
    this.#joined.add(node);
  }

  #joinNamespace(node: number, fd: number): void {
    const { subnet, ipv6, mtuBytes, arp } = this.#placement;
    const number = nodeNumber(node);
    this.#nodes.set(node, fd);
    inNamespace(fd, () => {
      if (ipv6) {
        setDefault("disable_ipv6", "0"); // Container engines begin without it.
        setDefault("addr_gen_mode", "1"); // No link-local chatter on a lab's links.
      }
      allowLongFatLinks();
      this.#fabric.request(
        vethPair(
          { index: interfaceBase + node, name: `n${node}`, mtuBytes, mac: outerMac(node) },
          { index: nodeLinkIndex, name: "eth0", mtuBytes, mac: nodeMac(node) },
          fd,
          arp,
        ),
        linkUp(interfaceBase + node),
      );
      const own = new Netlink();
      const addresses6 = [
        addAddress(nodeLinkIndex, { bytes: bytes6(subnet, number), prefix: prefix6 }),
        addAddress(loopbackIndex, { bytes: bytes6(subnet, node, markerZone), prefix: 128 }),
      ];
      own.request(
        linkUp(loopbackIndex),
        linkUp(nodeLinkIndex),
        addAddress(nodeLinkIndex, { bytes: bytes4(subnet, number), prefix: subnet.prefix }),
        ...(ipv6 ? addresses6 : []),
      );
      own.close();
      disableOffloads("eth0");
    });
  }

  /** Its packets travel over the network that this process began in, and come out among the other links. */
  #joinTunnel(node: number, end: LinkEnd & { in: "tunnel" }): void {
    const outer = {
      index: interfaceBase + node,
      name: `n${node}`,
      mtuBytes: this.#placement.mtuBytes,
      mac: outerMac(node),
    };
    this.#tunnels ??= new TunnelLinks(this.#fabric, this.#placement);
    this.#tunnels.join(node, outer, end);
  }

  /** From here on the node's peers hear nothing, not even that it left. */
  unlink(node: number): void {
    try {
      this.#fabric.request(deleteLink(`n${node}`));
    } catch (error) {
      if (!(error instanceof SystemCallError && error.errno === "ENODEV")) throw error;
    }
    this.#tunnels?.leave(node);
  }

  remove(node: number): void {
    this.#joined.delete(node);
    const fd = this.#nodes.get(node);
    if (fd === undefined) return;
    close(fd);
    this.#nodes.delete(node);
  }

  isJoined(node: number): boolean {
    return this.#joined.has(node);
  }

  /** Of a node whose network is on this machine. */
  fdOf(node: number): number | undefined {
    return this.#nodes.get(node);
  }

  within<Result>(node: number, act: () => Result): Result {
    const fd = this.#nodes.get(node);
    if (fd === undefined) throw new Error(`node ${node} has no namespace`);
    return inNamespace(fd, act);
  }
}

/**
 * The kernel's default of 6 MiB stops a TCP flow at some 480 Mbit/s over 25 ms each way, and the limit of an emulated
 * link should be the link. Buffers still grow only as a flow needs them.
 */
function allowLongFatLinks(): void {
  writeFileSync("/proc/sys/net/ipv4/tcp_rmem", "4096 131072 33554432");
  writeFileSync("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 33554432");
}

function interfaceIndex(name: string): number {
  const netlink = new Netlink();
  try {
    const found = listLinks(netlink).find((link) => link.name === name);
    if (!found) throw new Error(`interface ${name} is not there after it was made`);
    return found.index;
  } finally {
    netlink.close();
  }
}
