/**
 * The source's side: everything that comes in from a node gets that node's mark, by the interface it came through
 * and not by an address that the node could forge.
 */
import { markOf, type NodePort } from "./placement.ts";

/** ICMPv6 types 132–135 and 136–139: questions and answers of neighbour discovery. */
const neighbourDiscovery = ["0x84", "0x88"];

/** Asking who has an address stays outside the conditions, as it would be on a node's own local network. */
export function neighbourMatches(): string[] {
  return neighbourDiscovery.map((type) => `match ip6 protocol 58 0xff match u8 ${type} 0xfc at 40`);
}

export function portEntry(port: NodePort): string[] {
  const dev = `dev ${port.port}`;
  const mark = `action skbedit mark 0x${markOf(port).toString(16)} continue`;
  return [
    `tc qdisc add ${dev} clsact`,
    ...neighbourMatches().map(
      (match) => `tc filter add ${dev} ingress protocol ipv6 prio 1 u32 ${match} action pass`,
    ),
    `tc filter add ${dev} ingress protocol ip prio 2 u32 match u32 0 0 ${mark}`,
    `tc filter add ${dev} ingress protocol ipv6 prio 3 u32 match u32 0 0 ${mark}`,
  ];
}
