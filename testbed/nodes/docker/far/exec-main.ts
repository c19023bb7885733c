/**
 * A command in a container of the machine where this runs, for a controller elsewhere: `exec-main.ts SOCKET CONTAINER
 * NODE MODE FOLDER COMMAND...`. Its streams are this program's own, and it ends as the command ended. A person's command
 * (MODE is `attached`) gets the terminal where there is one, and no answer stands before what it prints.
 */

import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ended } from "../../node.ts";
import { attach } from "../attach.ts";
import { start } from "../commands.ts";
import type { Found } from "../container.ts";
import { goOn, refuse } from "./answer.ts";
import { reach } from "./reach.ts";
import { environmentVariable, heard, sentAs, standsFor } from "./signals.ts";

const [socket = "", container = "", node = "", mode, cwd = "", ...command] = process.argv.slice(2);
const env = JSON.parse(process.env[environmentVariable] ?? "{}") as Record<string, string>;
const options = { env, ...(cwd !== "" && { cwd }) };
const isAttached = mode === "attached";

try {
  const ended = await reach({ socket, container, node }, (found) =>
    isAttached ? attach(found, node, command, options) : withStreams(found),
  );
  await endAs(ended);
} catch (error) {
  if (isAttached) process.stderr.write(`brume: ${(error as Error).message}\n`);
  else refuse(error);
  process.exitCode = 125;
}

async function withStreams(found: Found): Promise<Ended> {
  const asked: NodeJS.Signals[] = [];
  let passOn = (signal: NodeJS.Signals) => void asked.push(signal);
  for (const signal of heard) process.on(signal, () => passOn(standsFor(signal)));
  const running = await start(found, node, command, options);
  passOn = (signal) => void running.kill(signal).catch(() => undefined);
  for (const signal of asked) passOn(signal);
  goOn();
  running.stdin.on("error", () => undefined); // A command may end before it has read all that is sent.
  process.stdin.pipe(running.stdin);
  const [ended] = await Promise.all([
    running.exited,
    pipeline(running.stdout, process.stdout, { end: false }),
    pipeline(running.stderr, process.stderr, { end: false }),
  ]);
  return ended;
}

async function endAs({ status, signal }: Ended): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  if (signal === null) process.exit(status ?? 1);
  const own = sentAs(signal as NodeJS.Signals);
  process.removeAllListeners(own);
  process.kill(process.pid, own);
  await sleep(1000);
  process.exit(128);
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write("", () => resolve()));
}
