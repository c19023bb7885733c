/** Ends what is left of a lab's virtual machines when its keeper is gone. */
import { recordEmulation } from "#testbed/emulation.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { LabRecord } from "../kind.ts";
import { forgetPlace } from "../ssh/place-record.ts";
import { recordLimit } from "../ssh/remote-limits.ts";
import { endMachine } from "./machine.ts";
import { MachineFolder } from "./machine-record.ts";

/** How many were still on; mostly none, for a machine ends with its keeper. */
export async function clearMachines(
  lab: LabRecord,
  nodes: readonly { spec: NodeSpec; number: number }[],
): Promise<number> {
  let ended = 0;
  for (const { spec, number } of nodes) {
    if (await endMachine(new MachineFolder(lab.folder.path, spec.name))) ended++;
    forgetMachine(lab, spec.name, number);
  }
  return ended;
}

/** Its place went with it: there is nothing else that a machine of ours could leave behind. */
export function forgetMachine(lab: LabRecord, node: string, number: number): void {
  new MachineFolder(lab.folder.path, node).remove();
  recordLimit(lab.folder, node, undefined);
  recordEmulation(lab.folder, node, undefined);
  forgetPlace(lab.folder, number);
}
