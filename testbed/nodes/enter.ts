/**
 * The command line that puts a command into a netns node: its network, its name, its /etc/hosts, its limits. Every
 * stage replaces the one before it, so the process that was started is the command itself and signals reach it.
 */

export type Entry = {
  namespacePath: string;
  /** Of the keeper, whose user namespace a rootless lab lives in. */
  keeperPid: number;
  rootless: boolean;
  hostName: string;
  hostsFile: string;
  /** Shell code by which the process joins the node's limits; empty without limits. */
  joinLimits: string;
  /** Where the command starts; the caller's own folder when absent. */
  cwd?: string;
};

/** $1 hosts file, $2 host name, $3 folder or nothing, then the command. */
const stage = (joinLimits: string) =>
  [
    // A node that is recorded as limited must not run anything unlimited.
    joinLimits === "" ? "" : `{ ${joinLimits}; } || exit 125`,
    'mount --bind "$1" /etc/hosts || exit 125',
    'hostname "$2" 2>/dev/null',
    'if [ -n "$3" ]; then cd "$3" || exit 125; fi',
    "shift 3",
    'exec "$@"',
  ]
    .filter((line) => line !== "")
    .join("\n");

export function enterCommand(entry: Entry, command: readonly string[]): string[] {
  const user = entry.rootless ? [`--user=/proc/${entry.keeperPid}/ns/user`, "--preserve-credentials"] : [];
  return [
    "nsenter",
    ...user,
    `--net=${entry.namespacePath}`,
    "--",
    "unshare",
    "--mount",
    "--uts",
    "--",
    "sh",
    "-c",
    stage(entry.joinLimits),
    "brume-exec",
    entry.hostsFile,
    entry.hostName,
    entry.cwd ?? "",
    ...command,
  ];
}
