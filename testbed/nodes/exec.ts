/** Runs a command on a node to its end and keeps what it printed, for any kind of node. */

import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ExecOptions, ExecResult, Node } from "./node.ts";

export async function exec(
  node: Pick<Node, "spawn">,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { input, ...others } = options;
  const running = await node.spawn(command, others);
  running.stdin.on("error", () => undefined); // A command may end before it has read all that we send.
  running.stdin.end(input ?? "");
  const [stdout, stderr, { status, signal }] = await Promise.all([
    collect(running.stdout),
    collect(running.stderr),
    running.exited,
  ]);
  return { status, signal, stdout, stderr };
}

async function collect(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  await finished(stream, { writable: false });
  return Buffer.concat(parts);
}
