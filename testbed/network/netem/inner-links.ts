/**
 * Links between the access links of a multi-hop topology, shared by every pair whose path crosses them. Each is a
 * veth pair in the fabric namespace with the link's rate on its first end; filters send a packet from the port it
 * came in by to the first link of its path, from each link to the next, and from the last to its destination's port.
 */
import type { Network } from "#testbed/network/conditions.ts";
import type { Elements } from "./element.ts";
import { conditionsOf, innerPath } from "./pairs.ts";
import { markOf, type NodePort, type Placement } from "./placement.ts";
import { headerBytes } from "./rate.ts";
import { type SharedLink, sharedLinkRates, sharedLinkRoot } from "./shared-link.ts";

const entryEnd = (segment: number): string => `s${segment}a`;
const exitEnd = (segment: number): string => `s${segment}b`;

export function innerElements(network: Network, placement: Placement, ports: readonly NodePort[]): Elements {
  const hops = hopsOf(network, ports);
  const elements: Elements = new Map();
  for (const [segment, longestDelayMs] of hops.segments) {
    const link: SharedLink = {
      dev: entryEnd(segment),
      segment: network.segments[segment]!,
      frameBytes: placement.mtuBytes + headerBytes,
      longestDelayMs,
      flowWords: "hash keys src,dst",
    };
    elements.set(`inner ${segment}`, {
      where: "fabric",
      put: [...linkCommands(segment, placement.mtuBytes), ...sharedLinkRoot(link)],
      gone: `ip link del dev ${entryEnd(segment)}`,
    });
    elements.set(`inner ${segment} rates`, { where: "fabric", put: sharedLinkRates(link) });
  }
  for (const [dev, byDestination] of hops.turns) {
    for (const family of families) {
      elements.set(`turns ${dev} ${family.protocol}`, {
        where: "fabric",
        put: turnFilters(dev, family, byDestination, ports),
        gone: `tc filter del dev ${dev} ingress protocol ${family.protocol} prio ${family.prio}`,
        again: true,
      });
    }
  }
  return elements;
}

function linkCommands(segment: number, mtuBytes: number): string[] {
  const ends = [entryEnd(segment), exitEnd(segment)];
  return [
    `ip link add name ${ends[0]} mtu ${mtuBytes} type veth peer name ${ends[1]} mtu ${mtuBytes}`,
    ...ends.map((end) => `ip link set dev ${end} addrgenmode none up`),
    `tc qdisc add dev ${ends[1]} clsact`,
  ];
}

/** At a device: destination → next device, and the sources that turn there. */
type Turns = Map<number, Map<string, number[]>>;

/** The links in use, each with the longest delay among its pairs, and where packets turn. */
type Hops = { segments: [segment: number, longestDelayMs: number][]; turns: Map<string, Turns> };

function hopsOf(network: Network, ports: readonly NodePort[]): Hops {
  const segments = new Map<number, number>();
  const turns = new Map<string, Turns>();
  const count = network.nodes.length;
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      if (from === to) continue;
      let at = ports[from]!.port;
      for (const segment of innerPath(network, from, to)) {
        segments.set(segment, Math.max(segments.get(segment) ?? 0, conditionsOf(network, from, to).delayMs));
        addTurn(turns, at, to, entryEnd(segment), from);
        at = exitEnd(segment);
      }
      if (at !== ports[from]!.port) addTurn(turns, at, to, ports[to]!.port, from);
    }
  }
  return { segments: [...segments].sort(([a], [b]) => a - b), turns };
}

function addTurn(turns: Map<string, Turns>, at: string, to: number, next: string, from: number): void {
  const here: Turns = turns.get(at) ?? new Map();
  const ways = here.get(to) ?? new Map<string, number[]>();
  ways.set(next, [...(ways.get(next) ?? []), from]);
  turns.set(at, here.set(to, ways));
}

type Family = {
  protocol: "ip" | "ipv6";
  prio: number;
  table: string;
  /** Of the last byte of the destination, which is what the table is hashed by. */
  hashKey: string;
  match: (place: NodePort) => string;
};

const families: readonly Family[] = [
  {
    protocol: "ip",
    prio: 10,
    table: "10",
    hashKey: "mask 0x000000ff at 16",
    match: ({ v4 }) => `match ip dst ${v4}/32`,
  },
  {
    protocol: "ipv6",
    prio: 11,
    table: "11",
    hashKey: "mask 0x000000ff at 36",
    match: ({ v6 }) => `match ip6 dst ${v6}/128`,
  },
];

/** Hashed by destination: a packet meets the few filters of its bucket and not one for each of 500 nodes. */
function turnFilters(dev: string, family: Family, turns: Turns, ports: readonly NodePort[]): string[] {
  const filter = `tc filter add dev ${dev} ingress protocol ${family.protocol} prio ${family.prio}`;
  const commands = [`${filter} handle ${family.table}: u32 divisor 256`];
  for (const [to, ways] of [...turns].sort(([a], [b]) => a - b)) {
    const place = ports[to]!;
    const bucket = `${family.table}:${(lastByte(place, family) & 0xff).toString(16)}:`;
    for (const [next, sources] of ways) {
      const marks =
        ways.size === 1
          ? [""]
          : sources.map((from) => ` match mark 0x${markOf(ports[from]!).toString(16)} 0xffffffff`);
      for (const mark of marks) {
        commands.push(
          `${filter} u32 ht ${bucket} ${family.match(place)}${mark} action mirred egress redirect dev ${next}`,
        );
      }
    }
  }
  commands.push(`${filter} u32 match u32 0 0 link ${family.table}: hashkey ${family.hashKey}`);
  return commands;
}

function lastByte({ v4, v6 }: NodePort, { protocol }: Family): number {
  if (protocol === "ip") return Number(v4.split(".").at(-1));
  return Number.parseInt(v6.split(":").at(-1) || "0", 16);
}
