/**
 * A node's up link stands on the node's own interface, inside its namespace: the one place that sees its traffic
 * before it is spread over the ports, and where a sender feels its own queue as it would behind a real modem. Root
 * inside the node could remove it; the price of doing without a second device per node.
 */
import type { Network } from "#testbed/network/conditions.ts";
import type { Elements } from "./element.ts";
import { longestDelayFrom, upOf } from "./pairs.ts";
import type { NodePort, Placement } from "./placement.ts";
import { neighbourMatches } from "./port-entry.ts";
import { headerBytes } from "./rate.ts";
import { type SharedLink, sharedLinkRates, sharedLinkRoot } from "./shared-link.ts";

export function upElements(network: Network, placement: Placement, node: number, place: NodePort): Elements {
  const segment = upOf(network, node);
  if (!segment) return new Map();
  const where = { node: place.node };
  const dev = place.nodeEnd;
  const link: SharedLink = {
    dev,
    segment,
    frameBytes: placement.mtuBytes + headerBytes,
    longestDelayMs: longestDelayFrom(network, node),
    // The low ten bits of an address tell the lab's nodes apart (see NodePort), so no two pairs share a queue.
    flowWords: "map key dst and 0x3ff",
  };
  return new Map([
    [
      `${place.port} up`,
      {
        where,
        put: [...sharedLinkRoot(link), ...aroundTheLink(dev, placement)],
        gone: `tc qdisc del dev ${dev} root`,
      },
    ],
    [`${place.port} up rates`, { where, put: sharedLinkRates(link) }],
  ]);
}

/** The host is reached outside the emulated conditions, and so are answers to who-has questions. */
function aroundTheLink(dev: string, { host }: Placement): string[] {
  const filter = `tc filter add dev ${dev} parent 1:`;
  return [
    `${filter} protocol arp prio 1 u32 match u32 0 0 flowid 1:0`,
    `${filter} protocol ip prio 2 u32 match ip dst ${host.v4}/32 flowid 1:0`,
    ...[`match ip6 dst ${host.v6}/128`, ...neighbourMatches()].map(
      (match) => `${filter} protocol ipv6 prio 3 u32 ${match} flowid 1:0`,
    ),
  ];
}
