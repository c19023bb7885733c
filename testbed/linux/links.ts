/** Interfaces, addresses and routes of one network namespace, as netlink messages and the answers to them. */
import { SocketAddress } from "node:net";
import {
  attribute,
  changeMessage,
  concat,
  createMessage,
  type Message,
  messageTypes,
  type Netlink,
  readAttributes,
  replaceMessage,
  text,
  uint32,
} from "./netlink.ts";

const link = { address: 1, name: 3, mtu: 4, master: 10, info: 18, netnsFd: 28 };
const interfaceFlags = { up: 0x1, noArp: 0x80 };
const family = { v4: 2, v6: 10 };

/** The index is ours to choose, so nobody has to look it up. 0 lets the kernel choose. */
export type EndSpec = { index: number; name: string; mtuBytes: number; mac: Uint8Array };

function interfaceInfo(index: number, value: number, mask: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, value, true);
  view.setUint32(12, mask, true);
  return bytes;
}

function endAttributes(end: EndSpec): Uint8Array {
  return concat(
    attribute(link.name, text(end.name)),
    attribute(link.mtu, uint32(end.mtuBytes)),
    attribute(link.address, end.mac),
  );
}

/**
 * A pair of connected interfaces, both down: `here` in this socket's namespace, `there` in the one behind `thereFd`.
 * Without `arp` neither end asks who has an address: whoever moves the packets knows where they go.
 */
export function vethPair(here: EndSpec, there: EndSpec, thereFd: number, arp: boolean): Message {
  const flags = arp ? 0 : interfaceFlags.noArp;
  const peer = attribute(
    1, // VETH_INFO_PEER
    interfaceInfo(there.index, flags, flags),
    endAttributes(there),
    attribute(link.netnsFd, uint32(thereFd)),
  );
  const info = attribute(link.info, attribute(1, text("veth")), attribute(2, peer));
  const head = interfaceInfo(here.index, flags, flags);
  return createMessage(
    messageTypes.newLink,
    concat(head, endAttributes(here), info),
    `veth ${here.name} to ${there.name}`,
  );
}

export type TunnelSpec = { remote: string; port: number; identifier: number };

/**
 * One end of a point-to-point VXLAN tunnel, down, in the namespace behind `thereFd`; what it carries travels over the
 * network of this socket's own namespace.
 */
export function vxlan(
  end: EndSpec,
  { remote, port, identifier }: TunnelSpec,
  thereFd: number,
  arp: boolean,
): Message {
  const flags = arp ? 0 : interfaceFlags.noArp;
  const address = addressBytes(remote);
  const data = concat(
    attribute(1, uint32(identifier)),
    attribute(address.length === 4 ? 2 : 16, address), // IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6
    attribute(7, Uint8Array.of(0)), // IFLA_VXLAN_LEARNING: there is one other end, and it is known.
    attribute(15, Uint8Array.of(port >> 8, port)), // IFLA_VXLAN_PORT, big-endian
  );
  const info = attribute(link.info, attribute(1, text("vxlan")), attribute(2, data));
  return createMessage(
    messageTypes.newLink,
    concat(
      interfaceInfo(end.index, flags, flags),
      endAttributes(end),
      info,
      attribute(link.netnsFd, uint32(thereFd)),
    ),
    `tunnel ${end.name} to ${remote}`,
  );
}

function addressBytes(address: string): Uint8Array {
  const list = new SocketAddress({ address, family: address.includes(":") ? "ipv6" : "ipv4" });
  if (list.family === "ipv4") return Uint8Array.from(address.split(".").map(Number));
  return bytesOf6(list.address);
}

/** Of an address as the system prints it: groups in hexadecimal, the longest run of zeros as "::". */
function bytesOf6(address: string): Uint8Array {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => 0), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** It forwards every frame to its other ports and keeps no books about groups. */
export function bridge(end: EndSpec): Message {
  const info = attribute(
    link.info,
    attribute(1, text("bridge")),
    attribute(2, attribute(23, Uint8Array.of(0))), // IFLA_BR_MCAST_SNOOPING
  );
  return createMessage(
    messageTypes.newLink,
    concat(interfaceInfo(end.index, 0, 0), endAttributes(end), info),
    `bridge ${end.name}`,
  );
}

export function bridgePort(index: number, bridgeIndex: number): Message {
  return changeMessage(
    messageTypes.newLink,
    concat(interfaceInfo(index, 0, 0), attribute(link.master, uint32(bridgeIndex))),
    `link ${index} into bridge ${bridgeIndex}`,
  );
}

/** Then a frame that comes in by the port leaves by all others, whoever it is for. */
export function stopLearning(index: number): Message {
  const info = attribute(
    link.info,
    attribute(4, text("bridge")), // IFLA_INFO_SLAVE_KIND
    attribute(5, attribute(8, Uint8Array.of(0))), // IFLA_BRPORT_LEARNING
  );
  return changeMessage(
    messageTypes.newLink,
    concat(interfaceInfo(index, 0, 0), info),
    `learning of port ${index} off`,
  );
}

export function linkUp(index: number): Message {
  return changeMessage(
    messageTypes.newLink,
    interfaceInfo(index, interfaceFlags.up, interfaceFlags.up),
    `link ${index} up`,
  );
}

export function deleteLink(name: string): Message {
  const body = concat(interfaceInfo(0, 0, 0), attribute(link.name, text(name)));
  return changeMessage(messageTypes.deleteLink, body, `delete link ${name}`);
}

export type IpAddress = { bytes: Uint8Array; prefix: number };

/** `nodad`: an address of a lab is known to be unique, and waiting to find out would cost seconds. */
export function addAddress(index: number, { bytes, prefix }: IpAddress): Message {
  const head = new Uint8Array(8);
  head[0] = bytes.length === 4 ? family.v4 : family.v6;
  head[1] = prefix;
  head[2] = bytes.length === 4 ? 0 : 0x02;
  new DataView(head.buffer).setUint32(4, index, true);
  const local = bytes.length === 4 ? attribute(2, bytes) : new Uint8Array(0);
  return createMessage(
    messageTypes.newAddress,
    concat(head, local, attribute(1, bytes)),
    `address on link ${index}`,
  );
}

/** A host route with an MTU of its own: how a pair's MTU is felt by path discovery and fragmentation alike. */
export function routeWithMtu(index: number, to: Uint8Array, mtuBytes: number): Message {
  const metrics = attribute(8, attribute(2, uint32(mtuBytes)), attribute(1, uint32(1 << 2)));
  return replaceMessage(messageTypes.newRoute, concat(routeTo(index, to), metrics), `route MTU ${mtuBytes}`);
}

export function deleteHostRoute(index: number, to: Uint8Array): Message {
  return changeMessage(messageTypes.deleteRoute, routeTo(index, to), "delete route");
}

function routeTo(index: number, to: Uint8Array): Uint8Array {
  const head = new Uint8Array(12);
  head[0] = to.length === 4 ? family.v4 : family.v6;
  head[1] = to.length * 8;
  head[4] = 254; // RT_TABLE_MAIN
  head[5] = 4; // RTPROT_STATIC
  head[6] = to.length === 4 ? 253 : 0; // RT_SCOPE_LINK, RT_SCOPE_UNIVERSE
  head[7] = 1; // RTN_UNICAST
  return concat(head, attribute(1, to), attribute(4, uint32(index)));
}

export type LinkInfo = { index: number; name: string };

export function listLinks(netlink: Netlink): LinkInfo[] {
  return netlink.dump(messageTypes.getLink, interfaceInfo(0, 0, 0)).map((body) => ({
    index: new DataView(body.buffer, body.byteOffset).getInt32(4, true),
    name: Buffer.from(readAttributes(body.subarray(16)).get(link.name) ?? [0])
      .toString()
      .replace("\0", ""),
  }));
}

/** Destinations of the main table, to find a range that nobody uses yet. */
export function listRoutes4(netlink: Netlink): { network: number; prefix: number }[] {
  const query = new Uint8Array(12);
  query[0] = family.v4;
  return netlink.dump(messageTypes.getRoute, query).flatMap((body) => {
    const destination = readAttributes(body.subarray(12)).get(1);
    if (!destination) return [];
    return [
      {
        network: new DataView(destination.buffer, destination.byteOffset).getUint32(0),
        prefix: body[1] ?? 32,
      },
    ];
  });
}
