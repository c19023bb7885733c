/**
 * Worker processes on this machine: started, brought back when they crash, ended together. Each holds a pipe from us, and
 * ends when it closes, so that none outlives us whatever we die of.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compileCache, compileWorkers } from "./compile-cache.ts";

export type LocalWorkersOptions = {
  readonly coordinator: { readonly host: string; readonly port: number };
  readonly token: string;
  /** As in `openStore`; undefined for jobs that keep nothing. */
  readonly store: string | undefined;
  readonly slots: number;
  readonly environment: NodeJS.ProcessEnv;
  /** What a worker prints, line by line, and what becomes of it. */
  log(line: string): void;
};

const firstBackoffMs = 100;
const backoffMsMax = 5_000;
/** A worker that lived so long had a good start. */
const stableMs = 30_000;
const endMs = 5_000;

/** Columns lie outside V8's heap; what functions of jobs throw away is young, and need not be gathered into much memory first. */
export const workerFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

export class LocalWorkers {
  private readonly options: LocalWorkersOptions;
  private readonly running = new Map<string, ChildProcess>();
  private readonly keepers: Promise<void>[] = [];
  private readonly ending = new AbortController();

  constructor(options: LocalWorkersOptions) {
    this.options = options;
  }

  /** Makes sure that there are so many. New ones join when they have loaded what the job `prepare` needs. */
  grow(count: number, prepare?: string): void {
    while (this.keepers.length < count) this.keepers.push(this.keep(`w${this.keepers.length}`, prepare));
  }

  /** By name; of those that are alive now. */
  pids(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.running].map(([name, { pid }]) => [name, pid ?? 0]));
  }

  /** Those that were told to end by the coordinator are waited for, others told. */
  async end(): Promise<void> {
    this.ending.abort();
    for (const child of this.running.values()) child.stdin?.end();
    const hard = setTimeout(() => {
      for (const child of this.running.values()) child.kill("SIGKILL");
    }, endMs);
    await Promise.all(this.keepers);
    clearTimeout(hard);
  }

  private async keep(name: string, prepare: string | undefined): Promise<void> {
    const { signal } = this.ending;
    await compileWorkers(this.options.environment);
    let backoffMs = firstBackoffMs;
    while (!signal.aborted) {
      const startedMs = performance.now();
      const how = await this.run(name, prepare);
      if (signal.aborted) return;
      if (performance.now() - startedMs > stableMs) backoffMs = firstBackoffMs;
      this.options.log(`worker ${name} ${how}; starting it anew in ${backoffMs} ms`);
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMsMax, backoffMs * 2);
    }
  }

  /** Until it ends; says how. */
  private async run(name: string, prepare: string | undefined): Promise<string> {
    const { coordinator, token, store, slots, environment, log } = this.options;
    const words = [
      ...["--name", name, "--slots", `${slots}`, "--host", "127.0.0.1", "--end-with-stdin"],
      ...["--coordinator", `${coordinator.host}:${coordinator.port}`],
      ...(store === undefined ? [] : ["--store", store]),
      ...(prepare === undefined ? [] : ["--prepare", prepare]),
    ];
    const main = join(import.meta.dirname, "worker-main.ts");
    const child = spawn(process.execPath, [...workerFlags, main, ...words], {
      stdio: ["pipe", "inherit", "pipe"],
      // Not by an argument, which anybody on the machine can read.
      env: { ...environment, NODE_COMPILE_CACHE: compileCache(environment), BRUME_TOKEN: token },
      // Ctrl-C is for us: we end the job first, and then them.
      detached: true,
    });
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
        log(`worker ${name}: ${line}`);
      }
    });
    try {
      await once(child, "spawn");
    } catch (error) {
      return `cannot be started (${(error as NodeJS.ErrnoException).code})`;
    }
    this.running.set(name, child);
    if (this.ending.signal.aborted) child.stdin.end();
    const [status, signal] = (await once(child, "exit")) as [number | null, string | null];
    this.running.delete(name);
    return signal === null ? `ended with ${status}` : `was ended by ${signal}`;
  }
}
