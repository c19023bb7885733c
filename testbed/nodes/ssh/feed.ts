/** Sends streams to a command's input and keeps what it printed, to its end. */
import type { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ExecResult, NodeProcess } from "../node.ts";

/**
 * The command's end is the end of it, never that of the sending: a command that cannot write ends before it has read
 * everything, and a channel that closed under a sender may leave it waiting for ever.
 */
export async function feed(
  running: NodeProcess,
  source: Readable,
  ...through: Transform[]
): Promise<ExecResult> {
  const over = new AbortController();
  pipeline([source, ...through, running.stdin], { signal: over.signal }).catch(() => undefined);
  try {
    const ends = [running.exited, buffer(running.stdout), buffer(running.stderr)] as const;
    const [{ status, signal }, stdout, stderr] = await Promise.all(ends);
    return { status, signal, stdout, stderr };
  } finally {
    over.abort();
  }
}
