/** The machines of those nodes that do not run this machine's own brume, as they tell it themselves. */
import { join } from "node:path";
import { isThisOne } from "#lab/program-on-node.ts";
import type { NodeMachine } from "#lab/records/manifest.ts";
import { exec } from "#testbed/nodes/exec.ts";
import type { Node } from "#testbed/nodes/node.ts";
import type { Lab } from "#testbed/open-lab.ts";

export type NodeMachines = ReadonlyMap<string, NodeMachine>;

export async function nodeMachines(lab: Pick<Lab, "nodeNames" | "node">): Promise<NodeMachines> {
  const told = await Promise.all(
    lab.nodeNames().map(async (name) => [name, await machineOf(lab.node(name))] as const),
  );
  return new Map(
    told.flatMap(([name, machine]) => (machine === undefined ? [] : [[name, machine] as const])),
  );
}

async function machineOf(node: Pick<Node, "name" | "runtime" | "spawn">): Promise<NodeMachine | undefined> {
  const runtime = await node.runtime();
  if (isThisOne(runtime)) return undefined;
  const command = [runtime.node, join(runtime.root, "lab/records/machine-facts-main.ts")];
  const { status, stdout, stderr } = await exec(node, command);
  if (status === 0) return JSON.parse(stdout.toString()) as NodeMachine;
  throw new Error(`brume does not run on node ${node.name}: ${stderr.toString().trim()}`);
}
