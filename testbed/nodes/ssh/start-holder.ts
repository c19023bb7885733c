/** Starts a holder on another machine, apart from the ssh session that asks for it, and waits until it listens. */
import { posix } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import type { NodeRuntime } from "../node.ts";
import type { Connection } from "./connection.ts";

export type HolderPlace = {
  /** Absolute, and short: the path of a Unix socket has 107 bytes. */
  folder: string;
  runtime: NodeRuntime;
  /** The holder and its commands run as root; the socket is the login user's all the same. */
  sudo?: boolean;
  /** Goes in front of the holder's command line, and has to become it. */
  through?: readonly string[];
};

const longestSocketPath = 107;

/** $1 folder, then the command. What the holder says goes through a fifo, for the shell must not wait for its end. */
const start = [
  "umask 077",
  'mkdir -p -- "$1" && cd -- "$1" || exit 1',
  "shift",
  "unset SSH_CONNECTION SSH_CLIENT SSH_TTY",
  'export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"',
  `export NODE_COMPILE_CACHE="\${XDG_CACHE_HOME:-$HOME/.cache}/brume/compile"`,
  'mkfifo "ready.$$" || exit 1',
  `if [ -n "\${SUDO_UID:-}" ]; then set -- "$@" "$SUDO_UID" "$SUDO_GID"; chown "$SUDO_UID:$SUDO_GID" .; fi`,
  'setsid "$@" </dev/null >"ready.$$" 2>>holder.log &',
  'IFS= read -r said <"ready.$$"',
  'rm -f "ready.$$"',
  '[ "$said" = ready ] || { tail -n 20 holder.log >&2; exit 1; }',
].join("\n");

export function socketOf({ folder }: HolderPlace): string {
  const path = posix.join(folder, "holder.sock");
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  throw new Error(`${path} is longer than a socket's path may be`);
}

export async function startHolder(connection: Connection, place: HolderPlace): Promise<void> {
  const { folder, runtime, sudo = false, through = [] } = place;
  const main = posix.join(runtime.root, "testbed/nodes/ssh/holder/holder-main.ts");
  // It moves bytes and nothing else, so it needs little room for young objects.
  const node = [
    runtime.node,
    "--disable-warning=ExperimentalWarning",
    "--max-semi-space-size=1",
    main,
    folder,
  ];
  const command = ["sh", "-c", start, "brume-holder", folder, ...through, ...node];
  const { status, stderr } = await connection.exec(command, { sudo });
  if (status === 0) return;
  const { alias } = connection.address;
  const what = `${alias} does not start the process that holds a node's commands: ${stderr.toString().trim()}`;
  throw new UserError("ssh-holder", what, `look into ${folder}/holder.log there`);
}
