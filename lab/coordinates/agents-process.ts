/** The agents' process on this machine, inside the lab's user namespace where it has one. */
import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { NodeProcess } from "#testbed/nodes/node.ts";
import type { Order } from "./agents-protocol.ts";

export type AgentsPlace = { readonly rootless: boolean; readonly keeperPid: number };

/** Most of what it allocates is garbage at once: with little room for it, it needs half as much memory. */
const flags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=1"];
const main = fileURLToPath(new URL("agents-main.ts", import.meta.url));

export class AgentsProcess {
  readonly #place: AgentsPlace;
  readonly #first: () => readonly Order[];
  #input: Writable | undefined;

  /** `first`: what each new one is told. */
  constructor(place: AgentsPlace, first: () => readonly Order[]) {
    this.#place = place;
    this.#first = first;
  }

  async spawn(): Promise<NodeProcess> {
    const node = [process.execPath, ...flags, main];
    const { rootless, keeperPid } = this.#place;
    // The owner of a user namespace may enter it, and is root there: free to enter its networks.
    const namespaces = [`--user=/proc/${keeperPid}/ns/user`, `--net=/proc/${keeperPid}/ns/net`];
    const enter = rootless ? ["nsenter", ...namespaces, "--preserve-credentials", "--"] : [];
    const [file, ...words] = [...enter, ...node];
    const child = spawn(file!, words, { stdio: ["pipe", "pipe", "pipe"] });
    const exited = new Promise<{ status: number | null; signal: string | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, signal) => resolve({ status, signal }));
    });
    const { stdin, stdout, stderr } = child;
    // It may end before it has read; `exited` says how.
    stdin.on("error", () => undefined);
    this.#input = stdin;
    for (const order of this.#first()) this.tell(order);
    return { stdin, stdout, stderr, exited, kill: async (signal) => void child.kill(signal) };
  }

  tell(order: Order): void {
    this.#input?.write(`${JSON.stringify(order)}\n`);
  }
}
