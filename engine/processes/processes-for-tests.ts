/** Coordinator and workers as processes of their own that can be killed one by one, for tests of what comes after. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CoordinatorConfig } from "./coordinator-config.ts";
import { LocalWorkers } from "./local-workers.ts";

export type Line = Readonly<Record<string, unknown>>;

export class ProcessesForTests {
  /** What all coordinators said, one after the other. */
  readonly lines: Line[] = [];
  readonly workerLines: string[] = [];
  private readonly config: CoordinatorConfig;
  private readonly configFile: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly token = randomBytes(12).toString("hex");
  private coordinator: ChildProcess | undefined;
  private workers: LocalWorkers | undefined;
  private port = 0;

  constructor(folder: string, config: Omit<CoordinatorConfig, "listen">, environment: NodeJS.ProcessEnv) {
    this.config = { ...config, listen: { host: "127.0.0.1", port: 0 } };
    this.configFile = join(folder, "coordinator.json");
    this.environment = environment;
  }

  async start(workers: number): Promise<void> {
    await this.startCoordinator();
    this.workers = new LocalWorkers({
      coordinator: { host: "127.0.0.1", port: this.port },
      token: this.token,
      store: this.config.store,
      slots: 1,
      environment: this.environment,
      log: (line) => void this.workerLines.push(line),
    });
    this.workers.grow(workers);
  }

  /** At the port of the former one, where the workers look for it. */
  async startCoordinator(): Promise<void> {
    const listen = { host: "127.0.0.1", port: this.port };
    writeFileSync(this.configFile, JSON.stringify({ ...this.config, listen }));
    const main = join(import.meta.dirname, "coordinator-main.ts");
    const child = spawn(process.execPath, [main, "--config", this.configFile], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...this.environment, BRUME_TOKEN: this.token },
    });
    this.coordinator = child;
    const listening = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      this.lines.push(line);
      if (line.is !== "listening") return;
      this.port = line.controlPort as number;
      listening.resolve();
    });
    child.once("exit", (status) => listening.reject(new Error(`the coordinator ended with ${status}`)));
    await listening.promise;
  }

  async killCoordinator(): Promise<void> {
    const child = this.coordinator;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  killWorker(index: number): void {
    const pids = Object.values(this.workers?.pids() ?? {});
    const pid = pids[index % Math.max(1, pids.length)];
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  }

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }

  get end(): Line | undefined {
    return this.lines.find(({ is }) => is === "end");
  }

  async close(): Promise<void> {
    await this.killCoordinator();
    await this.workers?.end();
  }
}
