/**
 * The place from which the machine that runs brume reaches a lab's nodes at their addresses: its own network, or for an
 * ordinary user's lab the network of the user namespace that the lab lives in. Nodes' names are known there.
 */
import type { Identity, LabFolder } from "#testbed/lab.ts";
import { UserError } from "#testbed/user-error.ts";

export class HostPlace {
  readonly #folder: LabFolder;
  readonly #identity: Identity;

  constructor(folder: LabFolder, identity: Identity) {
    this.#folder = folder;
    this.#identity = identity;
  }

  async command(command: readonly string[], cwd = "/"): Promise<string[]> {
    const mark = this.#folder.keeperMark();
    if (!mark)
      throw new UserError("keeper-gone", `${this.#folder.name} is not running`, "provision it again");
    const enter = this.#identity.rootless
      ? [
          "nsenter",
          `--user=/proc/${mark.pid}/ns/user`,
          `--net=/proc/${mark.pid}/ns/net`,
          "--preserve-credentials",
          "--",
        ]
      : [];
    const stage = 'mount --bind "$1" /etc/hosts || exit 125\ncd "$2" || exit 125\nshift 2\nexec "$@"';
    return [
      ...enter,
      "unshare",
      "--mount",
      "--",
      "sh",
      "-c",
      stage,
      "brume-exec",
      this.#folder.file("hosts"),
      cwd,
      ...command,
    ];
  }

  environment(): Record<string, string> {
    return {};
  }
}
