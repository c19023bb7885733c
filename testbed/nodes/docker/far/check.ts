/** Why a container on another machine cannot be had as the topology asks; nobody is asked for it yet. */
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkKey, rootlessRefusal } from "../../ssh/refusals.ts";

const onlyThere = ["port", "user", "key", "jump", "address", "leaseMs"];

export function checkFar(node: NodeSpec, rootless: boolean): void {
  const { name, settings } = node;
  if (settings.host === undefined) {
    const stray = onlyThere.find((key) => settings[key] !== undefined);
    if (stray === undefined) return;
    const key = stray.replace("Ms", "");
    const what = `node ${name}: ${key}: is of a container on another machine, and no host is named`;
    throw new UserError("docker-settings", what, `add host:, or remove ${key}:`, 2);
  }
  if (rootless) throw rootlessRefusal(node);
  if (settings.arch !== undefined) {
    const what = `node ${name}: arch: is for containers of this machine; elsewhere they are of their machine's own`;
    throw new UserError("docker-settings", what, "remove arch:, or remove host:", 2);
  }
  checkKey(node);
}
