/** A command in a container with this process's own terminal; where there is none, with its three streams. */
import { pipeline } from "node:stream/promises";
import type Dockerode from "dockerode";
import type { AttachOptions, Ended } from "../node.ts";
import { begin, start } from "./commands.ts";
import type { Found } from "./container.ts";
import { endOf } from "./running.ts";

/** What is told apart when the command gets a terminal: keys go to it as they are, Ctrl-C too. */
export async function attach(
  found: Found,
  name: string,
  command: readonly string[],
  options: AttachOptions,
): Promise<Ended> {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return isTerminal
    ? await inTerminal(found, name, command, options)
    : await withStreams(found, name, command, options);
}

async function inTerminal(found: Found, name: string, command: readonly string[], options: AttachOptions) {
  const env = { TERM: process.env.TERM ?? "xterm", ...options.env };
  const { exec, connection, report } = await begin(found, name, command, {
    ...options,
    env,
    terminal: true,
  });
  const resize = () => void takeSize(exec);
  process.stdout.on("resize", resize);
  const wasRaw = process.stdin.isRaw;
  process.stdin.setRawMode(true);
  try {
    resize();
    process.stdin.pipe(connection);
    connection.pipe(process.stdout, { end: false });
    await new Promise<void>((resolve) => {
      connection.once("close", resolve);
      connection.once("end", resolve);
      connection.once("error", () => resolve());
    });
  } finally {
    process.stdin.unpipe(connection);
    process.stdin.setRawMode(wasRaw);
    process.stdin.pause();
    process.stdout.off("resize", resize);
    connection.destroy();
  }
  return await endOf(exec, report);
}

/** It may have ended by then, and then no size matters. */
async function takeSize(exec: Dockerode.Exec): Promise<void> {
  const { rows, columns } = process.stdout;
  await exec.resize({ h: rows, w: columns }).catch(() => undefined);
}

async function withStreams(found: Found, name: string, command: readonly string[], options: AttachOptions) {
  const running = await start(found, name, command, options);
  running.stdin.on("error", () => undefined); // A command may end before it has read all that is sent.
  process.stdin.pipe(running.stdin);
  const passOn = (signal: NodeJS.Signals) => void running.kill(signal).catch(() => undefined);
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, passOn);
  try {
    const [ended] = await Promise.all([
      running.exited,
      pipeline(running.stdout, process.stdout, { end: false }),
      pipeline(running.stderr, process.stderr, { end: false }),
    ]);
    return ended;
  } finally {
    for (const signal of signals) process.off(signal, passOn);
    process.stdin.unpipe(running.stdin);
    process.stdin.pause();
  }
}
