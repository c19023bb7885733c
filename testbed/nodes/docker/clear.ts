/** Takes a lab's containers away by their labels, whatever its keeper and its record still know of them. */

import { join } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import type { LabRecord } from "../kind.ts";
import { addressText } from "./address.ts";
import { labels } from "./container-options.ts";
import { dockerFolder, recordedEngine, withEngine } from "./engine.ts";
import { removeContainer } from "./lifecycle.ts";
import type { OpenEngine } from "./open-engine.ts";
import { removeOtherGroups } from "./other-groups.ts";

/** Returns how many of them still ran. */
export async function clearDocker(
  { folder, identity, secrets }: LabRecord,
  nodes: readonly string[],
): Promise<number> {
  const record = recordedEngine(folder);
  if (!record) return 0;
  try {
    const clear = async ({ engine }: OpenEngine) => {
      const mine = { label: [`${labels.lab}=${identity.id}`] };
      const found = await engine.listContainers({ all: true, filters: JSON.stringify(mine) });
      await Promise.all(found.map(({ Id }) => removeContainer(engine.getContainer(Id))));
      for (const node of new Set([...nodes, ...found.map(({ Labels }) => Labels[labels.node]!)])) {
        await removeOtherGroups(identity.id, node, []);
      }
      return found.filter(({ State }) => State === "running" || State === "paused").length;
    };
    return await withEngine(record.address, clear, secrets);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "no-docker") throw error;
    throw new UserError(
      "no-docker",
      `${folder.name} has containers, and no container engine answers at ${addressText(record.address)}`,
      `start it, then ./brume destroy ${folder.name}; if that engine is gone for good, remove ${join(dockerFolder(folder), "engine.json")} first`,
      1,
      { cause: error },
    );
  }
}
