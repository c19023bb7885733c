/**
 * An engine that is given a control group for its container makes it in every hierarchy of the machine, and takes away
 * only what is below. What brume did not make itself goes here.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { removeCgroups } from "#testbed/devices/cgroup.ts";

const mounts = "/sys/fs/cgroup";

/** `own`: those that the lab's limits made, and remove. */
export async function removeOtherGroups(labId: string, node: string, own: readonly string[]): Promise<void> {
  if (!existsSync(mounts)) return;
  const hierarchies = [mounts, ...readdirSync(mounts).map((name) => join(mounts, name))];
  const left = hierarchies
    .map((hierarchy) => join(hierarchy, "brume", labId, node))
    .filter((path) => existsSync(path) && !own.includes(path));
  await removeCgroups(left);
}
