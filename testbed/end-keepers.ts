/** Ends a lab's keeper, and any whose start was cut short, whether it got as far as to leave its mark or not. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Identity, LabFolder } from "./lab.ts";
import { deleteLink, listLinks } from "./linux/links.ts";
import { Netlink } from "./linux/netlink.ts";
import { isAlive, keeperProcesses, killAll } from "./processes.ts";

/** Says what of it does not go away; undefined when all is gone. */
export async function endKeepers(
  folder: LabFolder,
  { rootless, hostInterface }: Identity,
): Promise<string | undefined> {
  if (!(await killAll(() => keepers(folder), sleep))) return "its keeper outlives a kill";
  if (rootless || (await removeInterface(hostInterface))) return undefined;
  return `interface ${hostInterface} does not go away`;
}

/** By its own mark, and by its command line for one that was killed before it could leave a mark. */
function keepers(folder: LabFolder): number[] {
  const mark = folder.keeperMark();
  const marked = mark && isAlive(mark) ? [mark.pid] : [];
  return [...new Set([...marked, ...keeperProcesses(folder.path)])];
}

/** It goes with the keeper's namespaces, some milliseconds after the keeper; asking for it makes that now. */
async function removeInterface(name: string): Promise<boolean> {
  const netlink = new Netlink();
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (!listLinks(netlink).some((link) => link.name === name)) return true;
      try {
        netlink.request(deleteLink(name));
      } catch {
        await sleep(20); // The kernel is just taking it away; the list says when it has.
      }
    }
  } finally {
    netlink.close();
  }
  return false;
}
