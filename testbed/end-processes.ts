/** Ends all that runs on a lab's nodes on this machine, whether its keeper lives or not. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Limits } from "./limits.ts";
import { labMarks } from "./marks.ts";
import { killAll, labProcesses } from "./processes.ts";

export type EndedProcesses = { ended: number; areGone: boolean };

/** From outside of an ordinary user's lab: whoever stands in its user namespace does not see what an earlier one left. */
export async function endProcesses(labId: string, limits: Limits): Promise<EndedProcesses> {
  await limits.thawAll(); // What is frozen cannot even be killed.
  const marks = labMarks(labId);
  let ended = 0;
  const areGone = await killAll(() => {
    const pids = labProcesses(marks).map(({ pid }) => pid);
    ended += pids.length;
    return pids;
  }, sleep);
  return { ended, areGone };
}
