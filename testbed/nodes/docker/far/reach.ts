/** A container of this machine by its name, for programs that brume runs beside an engine elsewhere. */

import { type Found, inRunning, notRunning } from "../container.ts";
import { engineError, statusOf } from "../engine.ts";
import { openEngine } from "../open-engine.ts";

export type FarContainer = { socket: string; container: string; node: string };

/** Refused where the node does not run. */
export async function reach<Result>(
  { socket, container, node }: FarContainer,
  act: (found: Found) => Promise<Result>,
): Promise<Result> {
  const address = { by: "socket", path: socket } as const;
  const { engine } = await openEngine(address);
  try {
    return await inRunning(engine.getContainer(container), node, act);
  } catch (error) {
    throw statusOf(error) === 404 ? notRunning(node, "absent") : engineError(error, address);
  }
}
