/** Starts commands in a container, by the engine's exec and as the image's own user. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { openInRoot } from "#testbed/linux/open-in-root.ts";
import { close, SystemCallError } from "#testbed/linux/syscalls.ts";
import { UserError } from "#testbed/user-error.ts";
import type { AttachOptions, ExecOptions, NodeProcess } from "../node.ts";
import { type Found, notRunning } from "./container.ts";
import { statusOf } from "./engine.ts";
import { places } from "./places.ts";
import { Report } from "./report.ts";
import { type Begun, running } from "./running.ts";

const startPatienceMs = 30_000;
const shell = "/bin/sh";
/** $1 folder or nothing, then the command. The shell finds the command along PATH, and says when there is none. */
const stage = 'if [ -n "$1" ]; then cd "$1" || exit 125; fi; shift; exec "$@"';

export async function begin(
  found: Found,
  name: string,
  command: readonly string[],
  options: AttachOptions & { terminal?: boolean },
): Promise<Begun> {
  const report = new Report(found.root.fd);
  const { env, cwd, terminal = false } = options;
  try {
    const exec = await found.container.exec({
      Cmd: [places.attendant, report.path, ...staged(found, name, command, cwd ?? "")],
      Env: Object.entries(env ?? {}).map((pair) => pair.join("=")),
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: terminal,
    });
    const connection: Duplex = await exec.start({ hijack: true, stdin: true, Tty: terminal });
    return { exec, connection, report };
  } catch (error) {
    report.close();
    if (statusOf(error) === 409) throw notRunning(name, "down");
    throw error;
  }
}

/** An image without a shell is given its commands as they are. */
function staged(found: Found, name: string, command: readonly string[], cwd: string): readonly string[] {
  if (hasFile(found, shell)) return [shell, "-c", stage, "brume-exec", cwd, ...command];
  if (cwd === "" && command[0]?.startsWith("/")) return command;
  throw new UserError(
    "no-shell",
    `${name}: its image has no ${shell}, so commands cannot be looked up there`,
    "write the command's whole path, and no folder to start it in",
  );
}

function hasFile({ root }: Found, path: string): boolean {
  try {
    close(openInRoot(root.fd, path));
    return true;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}

export async function start(
  found: Found,
  name: string,
  command: readonly string[],
  { signal, ...options }: Omit<ExecOptions, "input">,
): Promise<NodeProcess> {
  signal?.throwIfAborted();
  const begun = await begin(found, name, command, options);
  const pid = started(begun.exec);
  // Listened to at once: what a short command says is over before the engine tells that it started.
  const process = running({ ...begun, pid, ...(signal && { signal }) });
  await pid;
  return process;
}

/**
 * Waits until the command runs, or has run: a node that is made to stand still before that would hold up its engine.
 * Returns the process of this machine that the engine has started, 0 where it could not.
 */
async function started(exec: Dockerode.Exec): Promise<number> {
  const patienceEndsMs = performance.now() + startPatienceMs;
  while (performance.now() < patienceEndsMs) {
    const { Pid: pid, ExitCode: status, Running: isRunning } = await exec.inspect();
    if (pid > 0 || (!isRunning && status !== null)) return pid;
    await sleep(5);
  }
  throw new Error(`the container engine has not started a command within ${startPatienceMs / 1000} s`);
}
