/** What labs that are no more have left on this machine, and labs whose keeper is gone. */
import { LabFolder, labNames } from "#testbed/lab.ts";
import { listLinks } from "#testbed/linux/links.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { bootId, isAlive } from "#testbed/processes.ts";
import { stateFolder } from "#testbed/state-folder.ts";

export type Remains = {
  running: string[];
  /** Recorded, but its keeper is dead: killed, or from before a reboot. */
  dead: string[];
  /** Interfaces with a lab's kind of name that no recorded lab of this user owns. */
  strayInterfaces: string[];
};

export function labRemains(root = stateFolder()): Remains {
  const remains: Remains = { running: [], dead: [], strayInterfaces: [] };
  const owned = new Set<string>();
  for (const name of labNames(root)) {
    const folder = new LabFolder(name, root);
    const [identity, mark] = [folder.identity(), folder.keeperMark()];
    if (identity) owned.add(identity.hostInterface);
    const alive = identity?.bootId === bootId() && mark !== undefined && isAlive(mark);
    (alive ? remains.running : remains.dead).push(name);
  }
  const netlink = new Netlink();
  try {
    const names = listLinks(netlink).map(({ name }) => name);
    remains.strayInterfaces = names.filter((name) => /^brume[0-9a-f]{8}$/.test(name) && !owned.has(name));
  } finally {
    netlink.close();
  }
  return remains;
}
