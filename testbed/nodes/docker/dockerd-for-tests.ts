/**
 * A container engine of a test's own: a real dockerd with a folder, a socket and a containerd of its own. It is kept
 * from touching the machine's network: by default Docker cuts every bridge that is not its own, and leaves it so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { findCommand } from "#testbed/doctor/commands.ts";
import { openEngine } from "./engine.ts";

const startPatienceMs = 60_000;
const endPatienceMs = 30_000;
const leaveTheNetworkAlone = [
  "--iptables=false",
  "--ip6tables=false",
  "--ip-forward=false",
  "--ip-masq=false",
  "--bridge=none",
];

export class DockerdForTests {
  readonly socket: string;
  readonly engine: Dockerode;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #hostBefore: string | undefined;

  private constructor(folder: string, engine: Dockerode, child: ChildProcess) {
    this.#folder = folder;
    this.socket = join(folder, "docker.sock");
    this.engine = engine;
    this.#process = child;
    this.#hostBefore = process.env.DOCKER_HOST;
  }

  /** Labs that this process provisions from now on have their containers there. */
  static async start(): Promise<DockerdForTests> {
    const folder = mkdtempSync(join(tmpdir(), "brume-docker-"));
    const log = join(folder, "log");
    const words = [
      ...leaveTheNetworkAlone,
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--pidfile", join(folder, "pid"), "--host", `unix://${join(folder, "docker.sock")}`],
    ];
    const output = openSync(log, "a");
    // It ends, and its containers with it, when a test is killed that cannot end it any more.
    const command = ["--pdeathsig", "TERM", "--", findCommand("dockerd")!, ...words];
    const child = spawn(findCommand("setpriv")!, command, { stdio: ["ignore", output, output], cwd: "/" });
    closeSync(output);
    const engine = await openEngine(join(folder, "docker.sock"));
    const made = new DockerdForTests(folder, engine, child);
    try {
      await made.#ready(log);
    } catch (error) {
      await made.end();
      throw error;
    }
    process.env.DOCKER_HOST = `unix://${made.socket}`;
    return made;
  }

  async #ready(log: string): Promise<void> {
    const patienceEndsMs = performance.now() + startPatienceMs;
    for (;;) {
      if (this.#process.exitCode !== null || performance.now() > patienceEndsMs)
        throw new Error(`dockerd did not start: ${readFileSync(log, "utf8").slice(-2000)}`);
      if (await this.engine.ping().catch(() => undefined)) return;
      await sleep(100);
    }
  }

  /** Names of all containers, running or not. */
  async containers(): Promise<string[]> {
    const found = await this.engine.listContainers({ all: true });
    return found.flatMap(({ Names }) => Names).sort();
  }

  /** Its containers first: they would outlive it, and it is what takes their mounts and groups away. */
  async end(): Promise<void> {
    if (this.#hostBefore === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = this.#hostBefore;
    if (this.#process.exitCode === null) {
      const left = await this.engine.listContainers({ all: true }).catch(() => []);
      for (const { Id } of left) await this.engine.getContainer(Id).remove({ force: true, v: true });
      const over = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGTERM");
      const impatient = setTimeout(() => this.#process.kill("SIGKILL"), endPatienceMs);
      await over;
      clearTimeout(impatient);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
