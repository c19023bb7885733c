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
import { EngineForTests } from "./engine-for-tests.ts";
import { openEngine } from "./open-engine.ts";

const startPatienceMs = 60_000;
const endPatienceMs = 30_000;
const leaveTheNetworkAlone = [
  "--iptables=false",
  "--ip6tables=false",
  "--ip-forward=false",
  "--ip-masq=false",
  "--bridge=none",
];

export class DockerdForTests extends EngineForTests {
  readonly socket: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, socket: string, engine: Dockerode, child: ChildProcess) {
    super(engine);
    this.#folder = folder;
    this.socket = socket;
    this.#process = child;
  }

  /** Labs that this process provisions from now on have their containers there. `more`: words for its command line. */
  static async start(more: readonly string[] = []): Promise<DockerdForTests> {
    const folder = mkdtempSync(join(tmpdir(), "brume-docker-"));
    const socket = join(folder, "docker.sock");
    const made = await DockerdForTests.#start(folder, socket, [], [`unix://${socket}`, ...more]);
    process.env.DOCKER_HOST = `unix://${socket}`;
    return made;
  }

  /** In its usual place on a machine that a process of this number stands in, and that takes it along when it ends. */
  static async startIn(pid: number): Promise<DockerdForTests> {
    const folder = mkdtempSync(join(tmpdir(), "brume-docker-"));
    const enter = ["nsenter", `--target=${pid}`, "--mount", "--net", "--pid", "--uts", "--ipc", "--"];
    const host = "unix:///run/docker.sock";
    return await DockerdForTests.#start(folder, `/proc/${pid}/root/run/docker.sock`, enter, [host]);
  }

  static async #start(folder: string, socket: string, enter: readonly string[], hosts: readonly string[]) {
    const log = join(folder, "log");
    const words = [
      ...leaveTheNetworkAlone,
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--pidfile", join(folder, "pid"), "--host", ...hosts],
    ];
    const output = openSync(log, "a");
    // It ends, and its containers with it, when a test is killed that cannot end it any more.
    const own = [findCommand("setpriv")!, "--pdeathsig", "TERM", "--", findCommand("dockerd")!, ...words];
    const [command, ...rest] = [...enter, ...own];
    const child = spawn(command!, rest, { stdio: ["ignore", output, output], cwd: "/" });
    closeSync(output);
    const { engine } = await openEngine({ by: "socket", path: socket });
    const made = new DockerdForTests(folder, socket, engine, child);
    try {
      await made.#ready(log);
    } catch (error) {
      await made.end();
      throw error;
    }
    return made;
  }

  async #ready(log: string): Promise<void> {
    const patienceEndsMs = performance.now() + startPatienceMs;
    for (;;) {
      if (this.#hasEnded || performance.now() > patienceEndsMs)
        throw new Error(`dockerd did not start: ${readFileSync(log, "utf8").slice(-2000)}`);
      if (await this.engine.ping().catch(() => undefined)) return;
      await sleep(100);
    }
  }

  /** Where it was told to listen at any port; it says so after it listens at its socket. */
  async port(): Promise<number> {
    const patienceEndsMs = performance.now() + startPatienceMs;
    while (performance.now() < patienceEndsMs) {
      const said = /API listen on \S+:(\d+)"/.exec(readFileSync(join(this.#folder, "log"), "utf8"));
      if (said) return Number(said[1]);
      await sleep(20);
    }
    throw new Error("dockerd listens at no port");
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Its containers first: it is what takes their mounts and groups away. */
  async end(): Promise<void> {
    this.giveHostBack();
    if (!this.#hasEnded) {
      // Its machine may have taken it along, which it tells in the meantime.
      const over = new Promise((resolve) => this.#process.once("exit", resolve));
      await this.removeContainers();
      this.#process.kill("SIGTERM");
      const impatient = setTimeout(() => this.#process.kill("SIGKILL"), endPatienceMs);
      await over;
      clearTimeout(impatient);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
