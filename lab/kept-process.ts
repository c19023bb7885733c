/**
 * A process that is kept running on a node: brought back when it ends, and when its node is there again. It holds a pipe
 * from us and is to end when that closes, so that none outlives us whatever we die of.
 */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Node, NodeProcess } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";

export type KeptProcessOptions = {
  /** For messages: `worker dsp1`. */
  readonly what: string;
  readonly node: Pick<Node, "name" | "spawn">;
  /** Asked before each start. */
  command(): Promise<readonly string[]>;
  /** The first that it reads from its standard input; asked after `command`. */
  input?(): string;
  readonly environment: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** What it prints to standard output. */
  onLine(line: string): void;
  /** What it prints to standard error. */
  onErrorLine(line: string): void;
  /** What becomes of it. */
  log(line: string): void;
  /** Whether that was its last run; `how` says how it went. */
  isOver(how: string): boolean;
  /** It cannot be kept running: there is no lab any more, for one. */
  onFailure(error: unknown): void;
};

const firstBackoffMs = 100;
/** A node that comes back has its processes so soon. */
const backoffMsMax = 1_000;
/** What ran for so long had a good start. */
const stableMs = 30_000;
/** A machine that cannot be reached may be there again; after so long nobody believes it any more. */
const unreachableMsMax = 120_000;
const endMs = 5_000;

export class KeptProcess {
  /** When nothing of it runs any more. */
  readonly #over: Promise<void>;
  readonly #options: KeptProcessOptions;
  readonly #ending = new AbortController();
  #running: NodeProcess | undefined;
  /** When it last ran; undefined before it first did. */
  #ranMs: number | undefined;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.#over = this.#keep().catch(options.onFailure);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    this.#running?.stdin.end();
    const hard = setTimeout(() => this.#running?.kill("SIGKILL"), endMs);
    await this.#over;
    clearTimeout(hard);
  }

  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    const { what, log, isOver } = this.#options;
    let backoffMs = firstBackoffMs;
    let said = "";
    while (!signal.aborted) {
      const startedMs = performance.now();
      const how = await this.#run();
      if (signal.aborted || isOver(how)) return;
      if (performance.now() - startedMs > stableMs) backoffMs = firstBackoffMs;
      // A node that stays down says the same at each trial.
      if (how !== said) log(`${what}: ${how}; it is started again as soon as may be`);
      said = how;
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMsMax, backoffMs * 2);
    }
  }

  /** Until it ends; says how. */
  async #run(): Promise<string> {
    const { node, command, input, environment, onLine, onErrorLine } = this.#options;
    let process: NodeProcess;
    try {
      const words = await command();
      const env = typeof environment === "function" ? environment() : environment;
      process = await node.spawn(words, { env });
    } catch (error) {
      if (!(error instanceof UserError) || !this.#mayPass(error)) throw error;
      return error.message.split("\n")[0]!;
    }
    this.#ranMs = performance.now();
    this.#running = process;
    process.stdin.on("error", () => undefined);
    if (input !== undefined) process.stdin.write(input());
    if (this.#ending.signal.aborted) process.stdin.end();
    createInterface({ input: process.stdout }).on("line", onLine);
    createInterface({ input: process.stderr }).on("line", onErrorLine);
    try {
      const { status, signal } = await process.exited;
      return signal === null ? `ended with ${status}` : `was ended by ${signal}`;
    } finally {
      this.#running = undefined;
      this.#ranMs = performance.now();
    }
  }

  /** What is wrong with a node that never ran it is for a person to mend; a node that did may only be out of reach. */
  #mayPass({ code }: UserError): boolean {
    if (code === "node-down") return true;
    return this.#ranMs !== undefined && performance.now() - this.#ranMs < unreachableMsMax;
  }
}
