/** Why a node on another machine cannot be had, found out before anything is started. */
import { accessSync, constants } from "node:fs";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { resolveAddress } from "./address.ts";
import { settingsOf } from "./machine.ts";

export function rootlessRefusal({ name, kind }: Pick<NodeSpec, "name" | "kind">): UserError {
  return new UserError(
    "root-needed",
    `node ${name} is of kind ${kind}: its link is a tunnel in this machine's own network, which only root may make`,
    "run brume as root (sudo ./brume provision FILE), or give the node kind: netns",
  );
}

/** What ssh itself would find out only when it is asked for the key. */
export function checkKey(node: NodeSpec): void {
  const settings = settingsOf(node);
  const [file] = resolveAddress(settings).keys;
  if (settings.key === undefined || file === undefined) return;
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const what = `node ${node.name}: its key ${file} ${missing ? "is not there" : "may not be read by this user"}`;
    const fix = missing ? `make one with: ssh-keygen -t ed25519 -f ${file}` : "run brume as the key's owner";
    throw new UserError("ssh-key", what, fix, 2, { cause });
  }
}
