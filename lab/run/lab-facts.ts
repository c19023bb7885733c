/** What a manifest and the models are told of a lab that is there. */
import { type LabFacts, notEnforcedOf, speedsOf } from "#lab/records/manifest.ts";
import { selfLimits } from "#lab/self-limits.ts";
import { emulations } from "#testbed/emulation.ts";
import type { Fabric } from "#testbed/keeper/protocol.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { NodeMachines } from "./node-machines.ts";

export function labFacts(lab: Lab, fabric: Fabric, machines: NodeMachines): LabFacts {
  const { nodes } = lab.topology;
  const speeds = speedsOf(nodes, lab.folder.limits(), selfLimitsOf(lab));
  const emulated = emulations(lab.folder);
  return {
    ...{ name: lab.folder.name, fabric, rootless: lab.identity.rootless },
    nodes: nodes.flatMap(({ name, kind, role, device }) => {
      if (role === "switch") return [];
      const [speed, machine] = [speeds.get(name), machines.get(name)];
      const facts = { name, kind, role, device, ...(emulated[name] && { emulated: emulated[name] }) };
      return [{ ...facts, ...(speed !== undefined && { speed }), ...(machine !== undefined && { machine }) }];
    }),
  };
}

/** One core of each worker against the fastest worker's: what models compare. */
export function workerSpeeds(lab: Lab): Map<string, number> {
  const workers = lab.topology.nodes.filter(({ role }) => role === "worker");
  return speedsOf(workers, lab.folder.limits(), selfLimitsOf(lab));
}

export const notEnforced = (lab: Lab): string[] => notEnforcedOf(lab.folder.limits(), selfLimitsOf(lab));

/** The engine has one worker on each of these nodes. */
function selfLimitsOf(lab: Lab): Record<string, number> {
  const workers = lab.topology.nodes.filter(({ role }) => role === "worker" || role === "generator");
  return selfLimits(
    workers.map(({ name }) => ({ node: name })),
    lab.folder.limits(),
  );
}

/** Cores that a node may use: where nothing limits it, its machine's, which may be this one with `ownCores`. */
export function mayUse(lab: Lab, machines: NodeMachines, ownCores: number): (node: string) => number {
  const limits = lab.folder.limits();
  return (node) => limits[node]?.quotaCores ?? machines.get(node)?.cores ?? ownCores;
}
