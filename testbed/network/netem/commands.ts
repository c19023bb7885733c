/**
 * A network as commands for a kernel with netem. `netemCommands` starts from bare interfaces; `netemUpdate` gives
 * only what differs, in place, so that packets in flight arrive; `netemPortCommands` serves a node that came back.
 */
import type { Network } from "#testbed/network/conditions.ts";
import { type Command, command } from "./command.ts";
import { netemJitter, type Table } from "./distribution.ts";
import { difference, type Elements, putAll } from "./element.ts";
import { innerElements } from "./inner-links.ts";
import { type NodePort, type Placement, portIndex } from "./placement.ts";
import { portEntry } from "./port-entry.ts";
import { portElements, portRoot } from "./port-tree.ts";
import { unchangedPorts } from "./unchanged.ts";
import { upElements } from "./up-link.ts";

export function netemCommands(network: Network, placement: Placement): Command[] {
  const { bridge, host } = placement;
  const fabric = [
    // Neither forwarding delay nor multicast snooping: packets flow from the first second, and IPv6 needs multicast.
    `ip link add name ${bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    `ip link set dev ${bridge} addrgenmode none up`,
    `ip link set dev ${host.port} addrgenmode none master ${bridge} up`,
  ];
  return interfacesFirst([
    ...fabric.map((words) => command("fabric", words)),
    ...portsOf(network, placement).flatMap((port) => plugIn(port, placement)),
    ...putAll(allElements(network, placement)),
  ]);
}

/** For networks with the same links; the placement knows the nodes of both, and plugs in those that are new. */
export function netemUpdate(before: Network, after: Network, placement: Placement): Command[] {
  const old = new Set(before.nodes);
  const joining = portsOf(after, placement).filter(({ node }) => !old.has(node));
  const unchanged = unchangedPorts(before, after);
  const standing = allElements(before, placement, unchanged);
  forget(standing, portsOf(before, placement), new Set(after.nodes));
  return [
    ...interfacesFirst(joining.flatMap((port) => plugIn(port, placement))),
    ...difference(standing, allElements(after, placement, unchanged)),
  ];
}

/** A node that was started again has new interfaces: its port, its up link, and the turns that begin there. */
export function netemPortCommands(network: Network, placement: Placement, node: string): Command[] {
  const ports = portsOf(network, placement);
  const index = network.nodes.indexOf(node);
  const port = ports[index];
  if (!port) throw new Error(`node ${node} is not part of this network`);
  const inner = [...innerElements(network, placement, ports)].filter(([key]) =>
    key.startsWith(`turns ${port.port} `),
  );
  return [
    ...plugIn(port, placement),
    ...putAll(
      new Map([
        ...portElements(network, placement, index, ports),
        ...upElements(network, placement, index, port),
        ...inner,
      ]),
    ),
  ];
}

/** The jitter shapes that the commands name: files of this name and `.dist`, in the folder TC_LIB_DIR. */
export function netemTables(network: Network): Table[] {
  const tables = new Map<string, Table>();
  for (const { jitter } of network.conditions) {
    if (!jitter) continue;
    const { table } = netemJitter(jitter);
    tables.set(table.name, table);
  }
  return [...tables.values()];
}

function portsOf(network: Network, placement: Placement): NodePort[] {
  const index = portIndex(placement);
  return network.nodes.map((node) => {
    const port = index.get(node);
    if (!port) throw new Error(`node ${node} has no port`);
    return port;
  });
}

/** With a node's interfaces goes all that stood on them; there is nothing left to take away. */
function forget(elements: Elements, ports: readonly NodePort[], staying: ReadonlySet<string>): void {
  const left = ports.filter(({ node }) => !staying.has(node)).map(({ port }) => port);
  for (const key of elements.keys()) {
    if (left.some((port) => key.startsWith(`${port} `) || key.startsWith(`turns ${port} `)))
      elements.delete(key);
  }
}

/** Two processes then do for a whole new lab: one `ip`, one `tc`. */
function interfacesFirst(commands: readonly Command[]): Command[] {
  const { ip = [], tc = [] } = Object.groupBy(commands, ({ tool }) => tool);
  return ip.concat(tc);
}

function plugIn(port: NodePort, placement: Placement): Command[] {
  const fabric = [
    `ip link set dev ${port.port} addrgenmode none master ${placement.bridge} up`,
    ...portRoot(port.port),
    ...portEntry(port),
  ];
  // Packets of the MTU and not bundles of many: delay, loss and rate are promised for each.
  const nodeEnd = placement.nodeEndsReady ? [] : [`ip link set dev ${port.nodeEnd} gso_max_segs 1 arp on`];
  return [
    ...fabric.map((words) => command("fabric", words)),
    ...nodeEnd.map((words) => command({ node: port.node }, words)),
  ];
}

/** Without the pairs towards `except`, which an update of a big lab need not spell out twice. */
function allElements(network: Network, placement: Placement, except?: ReadonlySet<string>): Elements {
  const ports = portsOf(network, placement);
  const elements: Elements = new Map();
  const add = (more: Elements): void => {
    for (const [key, element] of more) elements.set(key, element);
  };
  ports.forEach((port, node) => {
    if (!except?.has(port.node)) add(portElements(network, placement, node, ports));
    add(upElements(network, placement, node, port));
  });
  add(innerElements(network, placement, ports));
  return elements;
}
