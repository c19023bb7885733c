/**
 * A process that runs agents: the one of this machine, inside the lab's user namespace where it has one, or one on a
 * node of another machine. Each new one is told from the beginning.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Node, NodeProcess } from "#testbed/nodes/node.ts";
import type { Order } from "./agents-protocol.ts";

/** Most of what it allocates is garbage at once: with little room for it, it needs half as much memory. */
const flags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=1"];
const main = "lab/coordinates/agents-main.ts";

export class AgentsProcess {
  readonly #spawn: () => Promise<NodeProcess>;
  readonly #first: () => readonly Order[];
  #input: Writable | undefined;

  /** `first`: what each new one is told. */
  constructor(spawn: () => Promise<NodeProcess>, first: () => readonly Order[]) {
    this.#spawn = spawn;
    this.#first = first;
  }

  async spawn(): Promise<NodeProcess> {
    const process = await this.#spawn();
    // It may end before it has read; `exited` says how.
    process.stdin.on("error", () => undefined);
    this.#input = process.stdin;
    for (const order of this.#first()) this.tell(order);
    return process;
  }

  tell(order: Order): void {
    this.#input?.write(`${JSON.stringify(order)}\n`);
  }
}

export type AgentsPlace = { readonly rootless: boolean; readonly keeperPid: number };

export async function spawnHere({ rootless, keeperPid }: AgentsPlace): Promise<NodeProcess> {
  const path = fileURLToPath(new URL("agents-main.ts", import.meta.url));
  // The owner of a user namespace may enter it, and is root there: free to enter its networks.
  const namespaces = [`--user=/proc/${keeperPid}/ns/user`, `--net=/proc/${keeperPid}/ns/net`];
  const enter = rootless ? ["nsenter", ...namespaces, "--preserve-credentials", "--"] : [];
  const [file, ...words] = [...enter, process.execPath, ...flags, path];
  const child = spawn(file!, words, { stdio: ["pipe", "pipe", "pipe"] });
  const exited = new Promise<{ status: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal }));
  });
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, exited, kill: async (signal) => void child.kill(signal) };
}

export async function spawnOn(node: Pick<Node, "spawn" | "runtime">): Promise<NodeProcess> {
  const runtime = await node.runtime();
  return await node.spawn([runtime.node, ...flags, join(runtime.root, main)]);
}
