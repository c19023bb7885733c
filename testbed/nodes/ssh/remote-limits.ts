/** A node's device class, enforced on its own machine and written into the lab's record like that of any other node. */
import { join } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";
import type { NodeLimit } from "#testbed/node-limit.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Machine } from "./machine.ts";
import { placeFolder } from "./place.ts";

export type AskedLimit = { lab: string; node: string; device: string; cores: number };

/** One node after the other: a second one would disturb the measurement of the machine. */
export async function limitThere(machine: Machine, asked: AskedLimit, number: number): Promise<NodeLimit> {
  const { node, root } = await machine.runtime();
  const { connection } = machine;
  const program = join(root, "testbed/nodes/ssh/limit-main.ts");
  const folder = placeFolder(asked.lab, number);
  const result = await connection.persist(async () =>
    connection.exec(["flock", join(folder, ".."), node, "--disable-warning=ExperimentalWarning", program], {
      input: JSON.stringify(asked),
      sudo: (await machine.login()).uid !== 0,
    }),
  );
  if (result.status === 0) return JSON.parse(result.stdout.toString()) as NodeLimit;
  const complaint = result.stderr.toString().trim().split("\n").at(-1);
  throw new UserError(
    "remote-limits",
    `node ${asked.node} (${connection.address.alias}): it cannot be held to its device class: ${complaint}`,
    "set device: none to let it run as fast as its machine is",
  );
}

/** The groups are on the other machine, so none of them is named to who looks for groups here. */
export function recordLimit(folder: LabFolder, node: string, limit: NodeLimit | undefined): void {
  const { [node]: _before, ...others } = folder.limits();
  folder.write("limits.json", limit ? { ...others, [node]: { ...limit, members: [] } } : others);
}
