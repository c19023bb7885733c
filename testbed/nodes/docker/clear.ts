/** Takes a lab's containers away by their labels, whatever its keeper and its record still know of them. */

import { join } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import type { LabRecord } from "../kind.ts";

import { labels } from "./container-options.ts";
import { dockerFolder, engineError, openEngine, recordedEngine } from "./engine.ts";
import { removeContainer } from "./lifecycle.ts";
import { removeOtherGroups } from "./other-groups.ts";

/** Returns how many of them still ran. */
export async function clearDocker(
  { folder, identity }: LabRecord,
  nodes: readonly string[],
): Promise<number> {
  const record = recordedEngine(folder);
  if (!record) return 0;
  try {
    const engine = await openEngine(record.socket);
    const mine = { label: [`${labels.lab}=${identity.id}`] };
    const found = await engine.listContainers({ all: true, filters: JSON.stringify(mine) });
    await Promise.all(found.map(({ Id }) => removeContainer(engine.getContainer(Id))));
    for (const node of new Set([...nodes, ...found.map(({ Labels }) => Labels[labels.node]!)])) {
      await removeOtherGroups(identity.id, node, []);
    }
    return found.filter(({ State }) => State === "running" || State === "paused").length;
  } catch (error) {
    const told = engineError(error, record.socket);
    if (!(told instanceof UserError) || told.code !== "no-docker") throw told;
    throw new UserError(
      "no-docker",
      `${folder.name} has containers, and no container engine answers at ${record.socket}`,
      `start it, then ./brume destroy ${folder.name}; if that engine is gone for good, remove ${join(dockerFolder(folder), "engine.json")} first`,
      1,
      { cause: error },
    );
  }
}
