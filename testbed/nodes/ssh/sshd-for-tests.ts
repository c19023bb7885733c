/**
 * Machines for tests: OpenSSH servers, each with a network, process list, host name and home folders of its own, on this
 * machine's kernel. All of it hangs on the test's process: when that ends, however it ends, nothing is left.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshHome, SshSettings } from "./address.ts";
import { enclosing, serverFiles } from "./sshd-files-for-tests.ts";

export type SshHostOptions = {
  name: string;
  /** Who logs in; `pi` is no root, has a password and may use sudo. Root when absent. */
  user?: "root" | "pi";
  /** It takes pi's password too. Otherwise whoever runs a test at a terminal would be asked for it where a key is wrong. */
  passwords?: boolean;
  /** Reachable from this earlier host alone. */
  behind?: string;
  /** More lines for its sshd_config. */
  lines?: readonly string[];
};

type Host = {
  options: SshHostOptions;
  process: ChildProcess;
  address: string;
  link: string;
  inside: number;
  outer: string;
};

/** The range that is set aside for measuring networks (RFC 2544), so that no real network is hidden. */
const networks = 250;
const folderName = "brume-sshd-";
const readyMs = 20_000;

export class SshdForTests {
  /** Whose ssh configuration knows the machines: hand it to resolveAddress, or be it by HOME. */
  readonly home: SshHome;
  readonly folder: string;
  readonly #hosts = new Map<string, Host>();
  readonly #network: number;

  static async start(hosts: readonly SshHostOptions[]): Promise<SshdForTests> {
    const servers = new SshdForTests();
    try {
      for (const [index, options] of hosts.entries()) await servers.#add(options, index);
      await Promise.all([...servers.#hosts.values()].map((host) => servers.#listening(host)));
      servers.#configure();
    } catch (error) {
      await servers.end();
      throw error;
    }
    return servers;
  }

  private constructor() {
    forgetKilled();
    this.folder = mkdtempSync(join(tmpdir(), `${folderName}${process.pid}-`));
    chmodSync(this.folder, 0o711); // sshd reads authorized_keys as who logs in.
    const home = join(this.folder, "home");
    mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
    this.home = { folder: home, user: "root", configs: [join(home, ".ssh/config")], env: {} };
    run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", this.keyFile]);
    this.#network = freeNetwork();
  }

  /** The private key that all of them let in. */
  get keyFile(): string {
    return join(this.home.folder, ".ssh/id_ed25519");
  }

  get knownHostsFile(): string {
    return join(this.home.folder, ".ssh/known_hosts");
  }

  settings(name: string): SshSettings {
    return { host: this.#host(name).options.name };
  }

  address(name: string): string {
    return this.#host(name).address;
  }

  /** Of its sshd, on this machine's list; its namespaces are in /proc under it. */
  pid(name: string): number {
    return this.#host(name).inside;
  }

  /** Where its files of this path lie on this machine; for what is below /root, /home and /var/lib/brume. */
  fileOf(name: string, path: string): string {
    return join(this.folder, name, path);
  }

  /** Commands of all processes that run there, its sshd and those of its sessions left out. */
  processes(name: string): string[] {
    const { stdout } = spawnSync(
      "nsenter",
      [`--target=${this.pid(name)}`, "--pid", "--mount", "--", "ps", "-eo", "args=", "--cols", "500"],
      { encoding: "utf8" },
    );
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !/^(?:sshd|\/usr\/sbin\/sshd|ps -eo)/.test(line));
  }

  /** Processes of its sshd that serve somebody, on this machine's list. */
  sessions(name: string): number[] {
    const { stdout } = spawnSync("pgrep", ["--ns", String(this.pid(name)), "--nslist", "pid", "-f", "^sshd"]);
    return stdout
      .toString()
      .split("\n")
      .map(Number)
      .filter((pid) => pid !== 0 && pid !== this.pid(name));
  }

  /** Silence, as if somebody pulled the cable at the far end. */
  cut(name: string): void {
    this.#ipInside(name, ["link", "set", "eth0", "down"]);
  }

  mend(name: string): void {
    const { link, outer } = this.#host(name);
    this.#ipInside(name, ["link", "set", "eth0", "up"]);
    this.#ipInside(name, ["route", "replace", "default", "via", outer]);
    // Whoever was told meanwhile that nobody is there would believe it for seconds.
    this.#ip(name, ["neigh", "flush", "dev", link]);
  }

  async end(): Promise<void> {
    const ends = [...this.#hosts.values()].map(async ({ process }) => {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const exit = once(process, "exit");
      process.kill("SIGKILL");
      await exit;
    });
    await Promise.all(ends);
    this.#hosts.clear();
    // A namespace goes some moments after the last of its processes, and holds mounts until then.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  get #own(): string {
    return `198.18.${this.#network}.1`;
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name} in this test`);
    return host;
  }

  /** In the namespace where the outer end of its link is. */
  #ip(name: string, words: readonly string[]): void {
    const { behind } = this.#host(name).options;
    if (behind === undefined) run("ip", words);
    else run("nsenter", [`--net=/proc/${this.pid(behind)}/ns/net`, "--", "ip", ...words]);
  }

  #ipInside(name: string, words: readonly string[]): void {
    run("nsenter", [`--net=/proc/${this.pid(name)}/ns/net`, "--", "ip", ...words]);
  }

  async #add(options: SshHostOptions, index: number): Promise<void> {
    const { name, behind } = options;
    const folder = join(this.folder, name);
    const files = serverFiles(folder, {
      name,
      publicKeys: `${this.keyFile}.pub`,
      passwords: options.passwords ?? false,
      lines: options.lines ?? [],
    });
    const process = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...enclosing(name, files)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    writeLog(process, join(folder, "sshd.log"));
    const lines = createInterface({ input: process.stdout! });
    const [first] = (await once(lines, "line", { signal: AbortSignal.timeout(readyMs) })) as [string];
    if (first !== "enclosed") throw new Error(`${name} did not start: ${first}`);
    const inside = childOf(process.pid!);
    const link = `bssh${this.#network}h${index}`;
    const outer = behind === undefined ? this.#own : `198.19.${this.#network}.${4 * index + 1}`;
    const address =
      behind === undefined
        ? `198.18.${this.#network}.${10 + index}`
        : `198.19.${this.#network}.${4 * index + 2}`;
    this.#hosts.set(name, { options, process, address, link, inside, outer });
    this.#ip(name, ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(inside)]);
    this.#ip(name, ["address", "add", outer, "peer", address, "dev", link]);
    this.#ip(name, ["link", "set", link, "up"]);
    this.#ipInside(name, ["link", "set", "lo", "up"]);
    this.#ipInside(name, ["address", "add", address, "peer", outer, "dev", "eth0"]);
    this.#ipInside(name, ["link", "set", "eth0", "up"]);
    this.#ipInside(name, ["route", "add", "default", "via", outer]);
    process.stdin!.write("go\n");
  }

  async #listening({ options, address, process }: Host): Promise<void> {
    const endsMs = performance.now() + readyMs;
    while (performance.now() < endsMs && process.exitCode === null) {
      if (options.behind !== undefined) {
        const gate = this.pid(options.behind);
        const look = ["--net", `--target=${gate}`, "--", "bash", "-c", `exec 3<>/dev/tcp/${address}/22`];
        if (spawnSync("nsenter", look, { stdio: "ignore", timeout: 2000 }).status === 0) return;
      } else if (await accepts(address)) return;
      await sleep(20);
    }
    const log = readFileSync(join(this.folder, options.name, "sshd.log"), "utf8");
    throw new Error(`the sshd of ${options.name} does not listen: ${log}`);
  }

  #configure(): void {
    const entries: string[] = [];
    const keys: string[] = [];
    for (const { options, address } of this.#hosts.values()) {
      const { name, user = "root", behind } = options;
      const jump = behind === undefined ? "" : `  ProxyJump ${behind}\n`;
      entries.push(
        `Host ${name}\n  HostName ${address}\n  User ${user}\n  IdentityFile ${this.keyFile}\n${jump}`,
      );
      const [type, key] = readFileSync(join(this.folder, name, "host_key.pub"), "utf8").split(" ");
      keys.push(`${address} ${type} ${key}\n`);
    }
    writeFileSync(join(this.home.folder, ".ssh/config"), entries.join("\n"));
    writeFileSync(this.knownHostsFile, keys.join(""));
  }
}

/** A test that was killed could not take its folder away. */
function forgetKilled(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(folderName) && /^(\d+)-/.exec(name.slice(folderName.length))?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function run(command: string, words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, words, { encoding: "utf8", timeout: 20_000 });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${error?.message ?? stderr}`);
}

/** A network that no other test uses at the moment. Links are named by it, and the kernel gives a name only once. */
function freeNetwork(): number {
  const { stdout } = spawnSync("ip", ["-brief", "link"], { encoding: "utf8" });
  const taken = new Set([...stdout.matchAll(/^bssh(\d+)h/gm)].map(([, number]) => Number(number)));
  for (let step = 0; step < networks; step += 1) {
    const network = ((process.pid + step) % networks) + 1;
    if (!taken.has(network)) return network;
  }
  throw new Error("all networks for tests are taken");
}

/** unshare forks, and its child is what lives in the new list of processes. */
function childOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  if (!child) throw new Error(`process ${pid} has no child`);
  return Number(child);
}

function writeLog(process: ChildProcess, path: string): void {
  let said = "";
  process.stderr!.on("data", (part: Buffer) => {
    said += part.toString();
    try {
      writeFileSync(path, said);
    } catch {
      // The folder goes before the last words are said.
    }
  });
}

async function accepts(host: string): Promise<boolean> {
  const socket = createConnection({ host, port: 22, timeout: 500 });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
