/**
 * A server as a process on a node of a lab, which prints `ready` when it answers. Checkpoints that go to it travel over the
 * emulated links, as they would at the edge. It comes back with its node, with all it had.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { KeptProcess, type KeptProcessOptions } from "#lab/kept-process.ts";
import { exec } from "#testbed/nodes/exec.ts";
import type { Node } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";

export type ServerOnNodeOptions = Pick<KeptProcessOptions, "what" | "command" | "environment" | "log"> & {
  readonly node: Pick<Node, "name" | "spawn" | "runtime">;
  /** On the node; it goes with the server. */
  readonly folder: string;
  /** What helps where it does not get ready. */
  readonly fix: string;
};

/** A weak node needs longer than the second that this machine does. */
const readyMs = 60_000;
const linesKept = 20;

/** Resolves when it is ready; the result ends it. */
export async function startServerOnNode(options: ServerOnNodeOptions): Promise<() => Promise<void>> {
  const { what, node, command, environment, log, folder, fix } = options;
  const ready = Promise.withResolvers<void>();
  let isReady = false;
  const said: string[] = [];
  const hear = (line: string) => {
    said.push(line);
    if (said.length > linesKept) said.shift();
  };
  const failed = (how: string) => {
    const message = [...said, how].join("\n");
    return new UserError(
      "server-not-ready",
      `${what} did not get ready: ${message}`,
      `see its message; ${fix}`,
    );
  };
  const server = new KeptProcess({
    ...{ what, node, command, environment, log },
    onLine(line) {
      if (line !== "ready") return hear(line);
      isReady = true;
      ready.resolve();
    },
    onErrorLine: hear,
    isOver(how) {
      // One that never was ready would not be the next time.
      if (!isReady) ready.reject(failed(how));
      return !isReady;
    },
    onFailure: (error) => ready.reject(error),
  });
  const end = async () => {
    await server.end();
    await removeOn(node, folder);
  };
  const patience = new AbortController();
  try {
    await Promise.race([
      ready.promise,
      sleep(readyMs, undefined, { signal: patience.signal }).then(() => {
        throw failed(`nothing in ${readyMs / 1000} s`);
      }),
    ]);
  } catch (error) {
    await end();
    throw error;
  } finally {
    patience.abort();
  }
  return end;
}

/** With Node.js, which is there whatever else is. On a node that is down it stays, and goes with the lab. */
async function removeOn(node: ServerOnNodeOptions["node"], folder: string): Promise<void> {
  const script = 'require("node:fs").rmSync(process.argv[1], { recursive: true, force: true })';
  try {
    await exec(node, [(await node.runtime()).node, "-e", script, folder]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}
