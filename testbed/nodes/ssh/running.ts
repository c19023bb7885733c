/** A command behind an ssh channel, as the process that other kinds of nodes give; it dies with the link. */
import type { ClientChannel } from "ssh2";
import { UserError } from "#testbed/user-error.ts";
import type { Ended, NodeProcess } from "../node.ts";

/**
 * Goes in front of a command: tells its process before it begins. Signals by ssh itself do not serve: many servers
 * refuse them, OpenSSH's for root.
 */
export const announce = ["sh", "-c", 'echo "brume-process $$"; exec "$@"', "brume"] as const;

/** What a login's own scripts print before it is no output of the command. */
const announced = /brume-process (\d+)\n/;
const mostBefore = 2 ** 16;

/** Has to be called in the same turn in which the channel opened, or its end may be missed. */
export async function runningIn(
  channel: ClientChannel,
  alias: string,
  kill: (pid: number, signal: NodeJS.Signals) => Promise<void>,
): Promise<NodeProcess> {
  const exited = ended(channel, alias);
  // Whoever does not wait for the end must not be killed by it.
  exited.catch(() => undefined);
  const pid = await announcedPid(channel);
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exited,
    kill: async (signal) => {
      if (pid !== undefined && !channel.destroyed) await kill(pid, signal);
    },
  };
}

/** Undefined when the command never began; its stderr says why. */
function announcedPid(channel: ClientChannel): Promise<number | undefined> {
  return new Promise((resolve) => {
    let before = Buffer.alloc(0);
    const settle = (pid: number | undefined, rest: Buffer) => {
      channel.off("readable", look);
      channel.off("end", ends);
      channel.off("close", ends);
      if (rest.length > 0) channel.unshift(rest);
      resolve(pid);
    };
    const ends = () => settle(undefined, Buffer.alloc(0));
    const look = () => {
      for (let part = channel.read() as Buffer | null; part; part = channel.read() as Buffer | null) {
        before = Buffer.concat([before, part]);
      }
      const found = announced.exec(before.toString("latin1"));
      if (found) settle(Number(found[1]), before.subarray(found.index + found[0].length));
      else if (before.length > mostBefore) settle(undefined, before);
    };
    channel.on("readable", look);
    channel.once("end", ends);
    channel.once("close", ends);
  });
}

/** Has to be called in the same turn in which the channel opened. */
export function ended(channel: ClientChannel, alias: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let how: Ended | undefined;
    channel.on("exit", (status: number | null, name?: string) => {
      how = { status, signal: name === undefined ? null : `SIG${name.replace(/^SIG/, "")}` };
    });
    channel.once("close", () => {
      if (how) return resolve(how);
      const fix = "is the machine still on and on the network? run the command again";
      reject(new UserError("ssh-lost", `the connection to ${alias} was lost while a command ran there`, fix));
    });
  });
}
