/** What follows from nodes that are machines of their own: their links come to the fabric through a tunnel. */
import { compileNetwork } from "#testbed/network/compile.ts";
import type { Findings } from "./findings.ts";
import type { NodeKind, NodeSpec, Topology } from "./topology.ts";
import type { Path } from "./yaml-tree.ts";

/** Of a link on which nothing is carried inside of something else. */
const plainMtuBytes = 1500;

/** VXLAN's headers over IPv4: outer IP 20, UDP 8, VXLAN 8, inner Ethernet 14 bytes. */
const tunnelHeaderBytes = 50;

const tunnelled: readonly NodeKind[] = ["ssh", "qemu"];

export function isTunnelled({ kind, role, settings }: NodeSpec): boolean {
  // A container may stand on another machine.
  return (tunnelled.includes(kind) || settings.host !== undefined) && role !== "switch";
}

/** One for all nodes of a lab: what a packet may measure must not depend on whom it is for. */
export function defaultMtuBytes(nodes: readonly NodeSpec[]): number {
  return nodes.some(isTunnelled) ? plainMtuBytes - tunnelHeaderBytes : plainMtuBytes;
}

/**
 * A pair's own MTU is a route in the sender's network, which the keeper sets on the nodes of this machine alone. Told at
 * the rule that asks for it.
 */
export function checkOtherMachines(topology: Topology, places: RulePlaces, findings: Findings): void {
  const senders = new Set(topology.nodes.filter(isTunnelled).map(({ name }) => name));
  if (senders.size === 0) return;
  const events = topology.events.map((event) => ("pairs" in event ? event.pairs : undefined));
  const rules = [
    ...topology.pairs.map((rule, index) => ({ rule, path: places.pairs[index]! })),
    ...events.map((rule, index) => ({ rule, path: places.events[index]! })),
  ];
  for (const { rule, path } of rules) {
    const sender =
      rule?.change.mtuBytes === undefined ? undefined : rule.from.find((name) => senders.has(name));
    if (sender !== undefined) refuse(sender, topology, path, findings);
  }
  const links = topology.links.findIndex(({ change }) => change.mtuBytes !== undefined);
  if (links < 0) return;
  // Without the rules, what is left of any MTU comes from the links on a pair's way.
  const network = compileNetwork({ ...topology, pairs: [] });
  const sender = network.nodes.find(
    (name, from) =>
      senders.has(name) &&
      network.nodes.some((_, to) => {
        const conditions = network.conditions[network.pairs[from * network.nodes.length + to]!]!;
        return to !== from && conditions.mtuBytes !== undefined;
      }),
  );
  if (sender !== undefined) refuse(sender, topology, ["links", links], findings);
}

type RulePlaces = { pairs: readonly Path[]; events: readonly Path[] };

function refuse(sender: string, { nodes }: Topology, path: Path, findings: Findings): void {
  const kind = nodes.find(({ name }) => name === sender)?.kind;
  const what = `mtu: ${sender} is of kind ${kind}, and the MTU of one pair can be set only on nodes of this machine`;
  const fix = "leave these senders out of the rule, or set mtu at the top of the file, for all nodes";
  findings.refuse([...path, "mtu"], "no-sense", what, fix);
}
