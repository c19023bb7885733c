/**
 * Nodes on other machines, such as Raspberry Pis, by ssh. A node is a network namespace there, joined to the lab by a
 * tunnel, so that the lab's own fabric shapes its links and the machine's interfaces stay as they are. See docs/ssh.md.
 */
import type { Kind } from "./kind.ts";
import { SshBody } from "./ssh/body.ts";
import { clearPlaces } from "./ssh/clear.ts";
import { closeMachines } from "./ssh/machine.ts";
import { SshNode } from "./ssh/node.ts";
import { leftPlaces } from "./ssh/place-record.ts";
import { checkKey, rootlessRefusal } from "./ssh/refusals.ts";

export const ssh: Kind = {
  async check(_topology, nodes, rootless) {
    if (rootless) throw rootlessRefusal(nodes[0]!);
    for (const node of nodes) checkKey(node);
  },
  node: (lab, spec, number) => new SshNode(lab, spec, number),
  body: (lab, spec, number, { arp }) => new SshBody(lab, spec, number, arp),
  clear: (lab, nodes, tell) =>
    clearPlaces(lab, nodes, tell, Date.now).finally(() => closeMachines(lab.identity.id)),
  left: ({ folder }) => leftPlaces(folder),
  close: (labId) => closeMachines(labId),
};
