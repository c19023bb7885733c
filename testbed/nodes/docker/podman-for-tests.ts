/**
 * Podman's answer to Docker's API as a test's own engine: a real `podman system service` with a socket, images and
 * containers of its own. It has no daemon: what it started runs on without it, so its containers are removed first.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { findCommand } from "#testbed/doctor/commands.ts";
import { processIds, signal } from "#testbed/processes.ts";
import { EngineForTests } from "./engine-for-tests.ts";
import { openEngine } from "./open-engine.ts";

const startPatienceMs = 30_000;

/** Undefined where it can be started. */
export function lacksPodman(): string | undefined {
  return findCommand("podman") && findCommand("runc")
    ? undefined
    : "needs podman and runc: apt-get install podman runc";
}

export class PodmanForTests extends EngineForTests {
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, engine: Dockerode, child: ChildProcess) {
    super(engine);
    this.#folder = folder;
    this.#process = child;
  }

  /** Labs that this process provisions from now on have their containers there. */
  static async start(): Promise<PodmanForTests> {
    const folder = mkdtempSync(join(tmpdir(), "brume-podman-"));
    const [log, socket, settings] = ["log", "podman.sock", "containers.conf"].map((name) =>
      join(folder, name),
    );
    writeFileSync(settings!, containersConf());
    const words = [
      ...["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--tmpdir", join(folder, "tmp")],
      // Where a machine has both versions of control groups, crun (Podman's usual choice) starts no container.
      ...["--runtime", findCommand("runc")!, "--cgroup-manager", "cgroupfs", "--events-backend", "file"],
      ...["system", "service", "--time", "0", `unix://${socket}`],
    ];
    const output = openSync(log!, "a");
    const command = ["--pdeathsig", "TERM", "--", findCommand("podman")!, ...words];
    const env = { ...process.env, CONTAINERS_CONF: settings! };
    const child = spawn(findCommand("setpriv")!, command, {
      stdio: ["ignore", output, output],
      cwd: "/",
      env,
    });
    closeSync(output);
    const { engine } = await openEngine({ by: "socket", path: socket! });
    const made = new PodmanForTests(folder, engine, child);
    try {
      await made.#ready(log!);
    } catch (error) {
      await made.end();
      throw error;
    }
    process.env.DOCKER_HOST = `unix://${socket}`;
    return made;
  }

  async #ready(log: string): Promise<void> {
    const patienceEndsMs = performance.now() + startPatienceMs;
    while (!(await this.engine.ping().catch(() => undefined))) {
      if (this.#process.exitCode !== null || performance.now() > patienceEndsMs)
        throw new Error(`podman did not start: ${readFileSync(log, "utf8").slice(-2000)}`);
      await sleep(50);
    }
  }

  async end(): Promise<void> {
    this.giveHostBack();
    if (this.#process.exitCode === null) {
      await this.removeContainers();
      const over = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGTERM");
      await over;
    }
    // Those that watch a command wait for minutes after its end, in case somebody asks for its status.
    for (const pid of processIds()) if (isOf(this.#folder, pid)) signal(pid, "SIGKILL");
    // It mounts its layers' folder on itself, and leaves it so.
    spawnSync(findCommand("umount")!, ["--quiet", join(this.#folder, "root", "overlay")]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function isOf(folder: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`);
  } catch {
    return false; // Ended meanwhile.
  }
}

/** What Podman asks for by itself is more than it has, and a root without CAP_SYS_RESOURCE may not get more. */
function containersConf(): string {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hardOf = (name: string) =>
    Number(new RegExp(`^${name} +\\S+ +(\\d+)`, "m").exec(limits)?.[1] ?? Infinity);
  const files = Math.min(hardOf("Max open files"), 1_048_576);
  // It lowers its own to as many as there can be at all.
  const processes = Math.min(
    hardOf("Max processes"),
    Number(readFileSync("/proc/sys/kernel/pid_max", "utf8")),
  );
  return `[containers]\ndefault_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]\n`;
}
