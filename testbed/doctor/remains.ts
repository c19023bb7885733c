/** What labs that are no more have left on this machine, and labs whose keeper is gone. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LabFolder, labNames } from "#testbed/lab.ts";
import { listLinks } from "#testbed/linux/links.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { bootId, isAlive, processIds } from "#testbed/processes.ts";
import { stateFolder } from "#testbed/state-folder.ts";

export type Remains = {
  running: string[];
  /** Recorded, but its keeper is dead: killed, or from before a reboot. */
  dead: string[];
  /** Interfaces with a lab's kind of name that no lab owns whose record or keeper can be found. */
  strayInterfaces: string[];
};

/** The folders of all labs that have a living keeper, whatever state folder they are in. */
function keptFolders(): LabFolder[] {
  return processIds().flatMap((pid) => {
    const words = commandLine(pid);
    const path = words[words.findIndex((word) => word.endsWith("/keeper/main.ts")) + 1];
    if (!words.some((word) => word.endsWith("/keeper/main.ts")) || path === undefined) return [];
    const root = join(dirname(path), "..");
    return [new LabFolder(path.slice(path.lastIndexOf("/") + 1), root)];
  });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // Ended meanwhile.
  }
}

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
  // An ordinary user's labs lie inside their user namespaces: what stands here is root's, and so is its record.
  if (process.getuid?.() !== 0) return remains;
  for (const folder of keptFolders()) owned.add(folder.identity()?.hostInterface ?? "");
  const netlink = new Netlink();
  try {
    const names = listLinks(netlink).map(({ name }) => name);
    remains.strayInterfaces = names.filter((name) => /^brume[0-9a-f]{8}$/.test(name) && !owned.has(name));
  } finally {
    netlink.close();
  }
  return remains;
}
