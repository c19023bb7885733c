/**
 * A job's coordinator as a process on a node. It tells us by its standard output how the job goes; when its node crashes
 * and comes back, a new one takes the job over where its journal in the store says that it was.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { CoordinatorConfig, JobConfig } from "#engine/processes/coordinator-config.ts";
import type { Node } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import { KeptProcess } from "./kept-process.ts";
import type { ProgramOnNode } from "./program-on-node.ts";

export type CoordinatorOnNodeOptions = {
  readonly node: Pick<Node, "name" | "spawn" | "folder" | "connect" | "address">;
  readonly program: ProgramOnNode;
  readonly job: JobConfig;
  readonly store: string;
  /** For opening it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly token: string;
  onEvent(event: CoordinatorEvent, atMs: number): void;
  log(line: string): void;
};

type Line =
  | ({ is: "event"; atMs: number } & CoordinatorEvent)
  | { is: "listening"; controlPort: number; status: CoordinatorStatus }
  | { is: "status"; status: CoordinatorStatus }
  | { is: "end"; state: string; status: CoordinatorStatus };

const finalStates: readonly string[] = ["finished", "stopped", "failed", "cancelled"];
/** A longer one is no socket's. */
const socketPathBytesMax = 107;
const statusEveryMs = 500;
/** Workers give up waiting for it at about the same time. */
const awayMsMax = 60_000;
const steadyMs = 5_000;

export class CoordinatorOnNode {
  /** When the job is over. Rejected when it was given up: its node stayed away. */
  readonly over: Promise<CoordinatorStatus>;
  /** The job is, though the coordinator may still be busy with letting go. */
  isOver = false;
  readonly #options: CoordinatorOnNodeOptions;
  /** Of the API, on the node; another one for each coordinator. */
  readonly #socketName = `api-${randomBytes(6).toString("hex")}.sock`;
  #socketPath: string | undefined;
  #config = "";
  #cache = "";
  readonly #process: KeptProcess;
  readonly #listening = Promise.withResolvers<number>();
  readonly #over = Promise.withResolvers<CoordinatorStatus>();
  readonly #errorLines: string[] = [];
  #controlPort: number | undefined;
  #status: CoordinatorStatus | undefined;
  #hasEnded = false;
  #listeningSinceMs = 0;
  /** Since then it was never steady. */
  #awaySinceMs: number | undefined;

  constructor(options: CoordinatorOnNodeOptions) {
    this.#options = options;
    this.over = this.#over.promise;
    // Whoever ends us early does not wait for it.
    this.over.catch(() => undefined);
    this.#process = new KeptProcess({
      what: `the coordinator on ${options.node.name}`,
      node: options.node,
      command: () => this.#command(),
      input: () => `${this.#config}\n`,
      environment: () => ({
        ...options.environment,
        NODE_COMPILE_CACHE: this.#cache,
        BRUME_TOKEN: options.token,
      }),
      onLine: (line) => {
        if (line.startsWith('{"is":')) this.#onLine(JSON.parse(line) as Line);
        // A job's module may print something.
        else options.log(line);
      },
      onErrorLine: (line) => this.#errorLines.push(line),
      log: options.log,
      isOver: (how) => this.#wasLast(how),
      onFailure: (error) => this.giveUp(error),
    });
  }

  /** The port at which workers find it, once they do. */
  listening(): Promise<number> {
    return this.#listening.promise;
  }

  status(): CoordinatorStatus {
    if (this.#status === undefined) throw new Error("asked for its status before it listened");
    return this.#status;
  }

  /** It, or what it needs, cannot be had any more. */
  giveUp(because: unknown): void {
    this.#listening.reject(because);
    this.#over.reject(because);
  }

  end(): Promise<void> {
    return this.#process.end();
  }

  /** To its HTTP API. */
  async connect(): Promise<Duplex> {
    if (this.#socketPath === undefined) throw new Error("connected before it listened");
    return await this.#options.node.connect(this.#socketPath);
  }

  async #command(): Promise<readonly string[]> {
    const { node, program, job, store } = this.#options;
    const { command, cache, jobAt } = await program.ready();
    const within = join(await node.folder(), this.#socketName);
    this.#socketPath =
      Buffer.byteLength(within) <= socketPathBytesMax ? within : join("/tmp", `brume-${this.#socketName}`);
    this.#cache = cache;
    const config: CoordinatorConfig = {
      ...job,
      ...{ store, statusEveryMs },
      ...(jobAt === undefined ? {} : { jobAt }),
      // Workers know the port of the first.
      listen: { host: node.address.v4, port: this.#controlPort ?? 0 },
      start: this.#controlPort === undefined ? job.start : { from: "takeover" },
      api: { path: this.#socketPath },
    };
    this.#config = plainJson(config);
    this.#errorLines.length = 0;
    return [...command("engine/processes/coordinator-main.ts"), "--config", "-", "--end-with-stdin"];
  }

  #onLine(line: Line): void {
    if (line.is === "event") {
      if (line.event === "moved") this.isOver = finalStates.includes(line.to);
      this.#options.onEvent(line, line.atMs);
      return;
    }
    this.#status = line.status;
    if (line.is === "status" && performance.now() - this.#listeningSinceMs > steadyMs) {
      this.#awaySinceMs = undefined;
    } else if (line.is === "listening") {
      this.#listeningSinceMs = performance.now();
      this.#controlPort = line.controlPort;
      this.#listening.resolve(line.controlPort);
    } else if (line.is === "end" && line.state !== "interrupted") {
      this.#hasEnded = true;
      this.#over.resolve(line.status);
    }
  }

  #wasLast(how: string): boolean {
    if (this.#hasEnded) return true;
    const { node } = this.#options;
    const said = this.#errorLines.length > 0 ? this.#errorLines.join("\n") : how;
    if (this.#controlPort === undefined) {
      this.giveUp(new UserError("coordinator", `the coordinator on ${node.name}: ${said}`, ""));
      return true;
    }
    this.#awaySinceMs ??= performance.now();
    if (performance.now() - this.#awaySinceMs < awayMsMax) return false;
    const what = `the job has had no coordinator for ${awayMsMax / 1000} s; on ${node.name}: ${said}`;
    this.giveUp(new UserError("coordinator-gone", what, "run the same command again to go on"));
    return true;
  }
}

/** JSON has no Infinity; the coordinator takes null for it. */
function plainJson(config: CoordinatorConfig): string {
  return JSON.stringify(config, (_key, value) => (value === Number.POSITIVE_INFINITY ? null : value));
}
