/** What a lab could leave behind on a machine, as text that can be compared: for tests and for `doctor`. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { listLinks } from "./linux/links.ts";
import { Netlink } from "./linux/netlink.ts";
import { processIds, startTicks } from "./processes.ts";

export type MachineState = {
  interfaces: string[];
  namespaces: string[];
  mounts: string[];
  groups: string[];
  keepers: string[];
};

export function machineState(): MachineState {
  return {
    interfaces: interfaces(),
    namespaces: namespaces(),
    mounts: mounts(),
    groups: groups("/sys/fs/cgroup"),
    keepers: keepers(),
  };
}

/** What is there now and was not before, as `kind: thing`. What others took away meanwhile is not our matter. */
export function leftovers(before: MachineState, now: MachineState): string[] {
  return (Object.keys(now) as (keyof MachineState)[]).flatMap((kind) => {
    const known = new Set(before[kind]);
    return now[kind].filter((thing) => !known.has(thing)).map((thing) => `${kind}: ${thing}`);
  });
}

function interfaces(): string[] {
  const netlink = new Netlink();
  try {
    return listLinks(netlink)
      .map(({ name }) => name)
      .sort();
  } finally {
    netlink.close();
  }
}

function namespaces(): string[] {
  const found = new Set<string>();
  for (const pid of processIds()) {
    if (startTicks(pid) === undefined) continue; // Dead and not yet reaped, which is not ours to do.
    for (const kind of ["net", "mnt", "uts", "user"]) {
      try {
        found.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // Ended meanwhile, or not ours to look at.
      }
    }
  }
  return [...found].sort();
}

function mounts(): string[] {
  return readFileSync("/proc/self/mounts", "utf8").trim().split("\n").sort();
}

/** Groups that brume makes, in every hierarchy. */
function groups(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((name) => [join(root, name, "brume"), ...(name === "brume" ? [join(root, name)] : [])])
    .filter((path) => existsSync(path))
    .flatMap((path) => [
      path,
      ...readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(path, name)),
    ])
    .sort();
}

function keepers(): string[] {
  return processIds()
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes("/keeper/main.ts"));
}
