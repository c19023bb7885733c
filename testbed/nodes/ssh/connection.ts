/**
 * A machine that is reached by ssh, for as long as somebody works with it: connects when it is first needed, and again
 * after the link was lost. What runs behind it by `exec` and `spawn` dies with the link; see processes.ts for what does not.
 */
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel, ClientErrorExtensions } from "ssh2";
import { UserError } from "#testbed/user-error.ts";
import { exec } from "../exec.ts";
import type { Ended, ExecResult, FileContent, NodeProcess } from "../node.ts";
import type { SshAddress } from "./address.ts";
import { type PutOptions, putFile, readFile } from "./files.ts";
import { remoteLine, type Situation } from "./remote-command.ts";
import { announce, runningIn } from "./running.ts";
import type { Secrets } from "./secrets.ts";
import { attachTerminal } from "./terminal.ts";
import { Turnstile } from "./turnstile.ts";

export type ConnectionOptions = {
  connectTimeoutMs?: number;
  /** How often a silent machine is asked for a sign of life; three missed ones are a lost link. */
  keepaliveMs?: number;
  /** How long what can be repeated goes on trying to reach the machine. */
  patienceMs?: number;
  /** For what no key and no agent opens. */
  secrets?: Secrets;
};

export type RemoteOptions = Situation & { signal?: AbortSignal };

/** OpenSSH allows ten at a time on one connection (MaxSessions); two are kept for terminals. */
const mostSessions = 8;
const mostTries = 20;
const betweenTriesMs = 50;
const retryEveryMs = 1000;

/** The failures that pass by themselves. */
const passing: ReadonlySet<string> = new Set(["ssh-unreachable", "ssh-refused", "ssh-timeout", "ssh-lost"]);

export function isPassing(error: unknown): boolean {
  return error instanceof UserError && passing.has(error.code);
}

export class Connection {
  readonly address: SshAddress;
  readonly patienceMs: number;
  readonly #connectTimeoutMs: number;
  readonly #keepaliveMs: number;
  readonly #secrets: Secrets | undefined;
  readonly #sessions = new Turnstile(mostSessions);
  #connecting: Promise<Client> | undefined;
  #clients: readonly Client[] = [];
  #closed = false;

  constructor(address: SshAddress, options: ConnectionOptions = {}) {
    this.address = address;
    this.patienceMs = options.patienceMs ?? 120_000;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
    this.#keepaliveMs = options.keepaliveMs ?? 5000;
    this.#secrets = options.secrets;
  }

  async open(): Promise<void> {
    await this.#client();
  }

  /** Goes on trying while the machine is out of reach; what a person has to mend ends it at once. */
  async openWithin(patienceMs = this.patienceMs, signal?: AbortSignal): Promise<void> {
    const endsMs = performance.now() + patienceMs;
    for (;;) {
      try {
        return await this.open();
      } catch (error) {
        if (!isPassing(error) || this.#closed || performance.now() + retryEveryMs > endsMs) throw error;
        await sleep(retryEveryMs, undefined, signal && { signal });
      }
    }
  }

  /** For what may be done twice: once more when the link is lost meanwhile, for as long as patience lasts. */
  async persist<Result>(work: () => Promise<Result>, patienceMs = this.patienceMs): Promise<Result> {
    const endsMs = performance.now() + patienceMs;
    for (;;) {
      await this.openWithin(endsMs - performance.now());
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error) || this.#closed || performance.now() > endsMs) throw error;
      }
    }
  }

  /** A link that is lost looks alive until some signs of life were missed: for who does not want to wait for that. */
  async cutIfSilent(patienceMs: number): Promise<void> {
    const clients = this.#clients;
    if (clients.length === 0) return;
    const timer = setTimeout(() => {
      for (const client of clients.toReversed()) client.destroy();
    }, patienceMs);
    try {
      await this.exec(["true"]);
    } catch (error) {
      if (!isPassing(error)) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async exec(
    command: readonly string[],
    options: RemoteOptions & { input?: string | Uint8Array } = {},
  ): Promise<ExecResult> {
    const { sudo = false, ...others } = options;
    const result = await exec(
      { spawn: (words, rest) => this.spawn(words, { ...rest, sudo }) },
      command,
      others,
    );
    const said = result.stderr.toString();
    if (sudo && result.status === 1 && said.startsWith("sudo: ")) {
      const { user, alias } = this.address;
      throw new UserError(
        "ssh-sudo",
        `${user}@${alias} may not become root without a password: ${said.trim()}`,
        `allow it there: echo '${user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/brume`,
      );
    }
    return result;
  }

  async spawn(command: readonly string[], options: RemoteOptions = {}): Promise<NodeProcess> {
    const { signal, ...situation } = options;
    signal?.throwIfAborted();
    const { line, ahead } = remoteLine([...announce, ...command], situation);
    const client = await this.#client();
    const leave = await this.#sessions.enter();
    const kill = (pid: number, name: NodeJS.Signals) => this.#signal(pid, name, situation.sudo ?? false);
    try {
      const running = await this.#session(client, line, (channel) => {
        channel.once("close", leave);
        if (ahead !== "") channel.write(ahead);
        return runningIn(channel, this.address.alias, kill);
      });
      abortable(running, signal);
      return running;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async attach(command: readonly string[], options: Situation = {}): Promise<Ended> {
    const { sudo = false, ...situation } = options;
    const words = await this.#withSituation(command, situation);
    const { line } = remoteLine(words, { sudo });
    return await attachTerminal(await this.#client(), line, this.address.alias);
  }

  async putFile(path: string, content: FileContent, options: PutOptions = {}): Promise<void> {
    await this.persist(() => putFile(this, path, content, options));
  }

  async getFile(path: string, options: { sudo?: boolean } = {}): Promise<Buffer> {
    return await this.persist(() => readFile(this, path, options));
  }

  /** To a Unix socket on that machine. */
  async forwardSocket(path: string): Promise<Duplex> {
    const client = await this.#client();
    return await new Promise((resolve, reject) => {
      client.openssh_forwardOutStreamLocal(path, (error, channel) => {
        if (error) reject(this.#refused(error, `the socket ${path}`, "AllowStreamLocalForwarding"));
        else resolve(channel);
      });
    });
  }

  /** To a port that the machine reaches. */
  async forwardTcp(host: string, port: number): Promise<Duplex> {
    const client = await this.#client();
    return await new Promise((resolve, reject) => {
      client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        if (error) reject(this.#refused(error, `${host}:${port}`, "AllowTcpForwarding"));
        else resolve(channel);
      });
    });
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients.toReversed()) client.end();
    this.#clients = [];
    this.#connecting = undefined;
  }

  /** A terminal would show what is sent ahead of its input, so that waits in a file that is gone before the command begins. */
  async #withSituation(command: readonly string[], situation: Situation): Promise<readonly string[]> {
    const { ahead } = remoteLine(command, situation);
    if (ahead === "") return command;
    const keep = 'umask 077; file=$(mktemp) && tail -n +2 >"$file" && echo "$file"';
    const { stdout } = await this.exec(["sh", "-c", keep], { input: ahead });
    const become = 'code=$(cat "$1"); rm -f "$1"; shift; eval "$code"; exec "$@"';
    return ["sh", "-c", become, "brume", stdout.toString().trim(), ...command];
  }

  async #signal(pid: number, name: NodeJS.Signals, sudo: boolean): Promise<void> {
    const { line } = remoteLine(["kill", "-s", name.replace(/^SIG/, ""), String(pid)], { sudo });
    const client = await this.#client();
    // One of the sessions that are kept free: those who wait for a place may wait for this one to end.
    await this.#session(client, line, async (channel) => {
      channel.resume();
      channel.stderr.resume();
      await once(channel, "close");
    });
  }

  /** `use` is called in the turn in which the session opens. A server that has just ended some may not count them off yet. */
  async #session<Result>(
    client: Client,
    line: string,
    use: (channel: ClientChannel) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      const opened = await new Promise<{ result: Promise<Result> } | { error: Error }>((resolve) => {
        client.exec(line, (error, channel) => resolve(error ? { error } : { result: use(channel) }));
      });
      if ("result" in opened) return await opened.result;
      const refused = this.#refused(opened.error, "a session", "MaxSessions");
      if (refused.code !== "ssh-nobody-there" || tries === mostTries) throw refused;
      await sleep(betweenTriesMs);
    }
  }

  #client(): Promise<Client> {
    if (this.#closed) return Promise.reject(new Error(`the connection to ${this.address.alias} was closed`));
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async #connect(): Promise<Client> {
    try {
      // ssh is loaded where somebody uses it, not with every command of brume.
      const { dial } = await import("./dial.ts");
      const { client, all } = await dial(this.address, {
        connectTimeoutMs: this.#connectTimeoutMs,
        keepaliveMs: this.#keepaliveMs,
        ...(this.#secrets && { secrets: this.#secrets }),
      });
      this.#clients = all;
      client.once("close", () => {
        if (this.#clients !== all) return;
        this.#clients = [];
        this.#connecting = undefined;
        for (const jump of all.toReversed()) jump.destroy();
      });
      if (this.#closed) for (const each of all.toReversed()) each.end();
      return client;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  #refused(error: Error & ClientErrorExtensions, what: string, setting: string): UserError {
    const { alias } = this.address;
    const reason = (error as { reason?: unknown }).reason;
    if (reason === openFailures.prohibited) {
      const fix = `let its sshd allow it: ${setting} in /etc/ssh/sshd_config`;
      return new UserError("ssh-forbidden", `${alias} does not give us ${what}: ${error.message}`, fix);
    }
    if (reason === openFailures.connectFailed) {
      // OpenSSH says the same of a socket that nobody may reach.
      const fix = `is it running there, and does sshd allow it (${setting} in /etc/ssh/sshd_config)?`;
      return new UserError("ssh-nobody-there", `nobody on ${alias} answers at ${what}`, fix);
    }
    const lost = `the connection to ${alias} was lost: ${error.message}`;
    return new UserError("ssh-lost", lost, "is the machine still on and on the network?", 1, {
      cause: error,
    });
  }
}

function abortable(running: NodeProcess, signal: AbortSignal | undefined): void {
  if (!signal) return;
  const abort = () => {
    running.kill("SIGKILL").catch(() => undefined); // Without a link it is dead already.
  };
  signal.addEventListener("abort", abort, { once: true });
  const settled = () => signal.removeEventListener("abort", abort);
  running.exited.then(settled, settled);
  if (signal.aborted) abort();
}

/** As the ssh protocol numbers the reasons for which a channel is not opened. */
const openFailures = { prohibited: 1, connectFailed: 2 };
