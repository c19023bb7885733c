/**
 * The commands of a node on another machine. They run under a holder there and outlive the link: it is made again, and
 * output, input and signals go on at the byte where they were. Many commands share one socket.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "#testbed/user-error.ts";
import type { Connection } from "./connection.ts";
import { HeldProcess } from "./held-process.ts";
import { FrameReader, messageFrame, stretchHead } from "./holder/frames.ts";
import { type FromHolder, type Listed, protocolNumber, type ToHolder } from "./holder/messages.ts";
import { type HolderPlace, socketOf, startHolder } from "./start-holder.ts";

export type HeldOptions = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  signal?: AbortSignal;
  /**
   * For so long it runs on when nobody is attached, before its input ends and it is asked to go as by a closed terminal.
   * By default as long as we go on trying to reach it.
   */
  unattendedMs?: number;
};

const signOfLifeMs = 15_000;
const greetingMs = 20_000;
/** A holder that another command has just started may not listen yet. */
const listenWithinMs = 15_000;

type Link = { socket: Duplex; say(message: ToHolder): void };
type Answer = (message: FromHolder) => boolean;

export class Processes {
  readonly #connection: Connection;
  readonly #place: HolderPlace;
  readonly #held = new Map<number, HeldProcess>();
  readonly #answers = new Set<Answer>();
  #linking: Promise<Link> | undefined;
  #current: Link | undefined;
  /** Name of the holder that we know. */
  #holder: string | undefined;
  #nextId = 1;
  #closed = false;

  constructor(connection: Connection, place: HolderPlace) {
    this.#connection = connection;
    this.#place = place;
  }

  async spawn(command: readonly string[], options: HeldOptions = {}): Promise<HeldProcess> {
    const { env = {}, cwd, signal, unattendedMs = this.#connection.patienceMs } = options;
    signal?.throwIfAborted();
    const start = { command, env, unattendedMs, ...(cwd !== undefined && { cwd }) };
    const process = await this.#hold(randomUUID(), start);
    const abort = () => void process.kill("SIGKILL");
    signal?.addEventListener("abort", abort, { once: true });
    const settled = () => signal?.removeEventListener("abort", abort);
    process.exited.then(settled, settled);
    if (signal?.aborted) abort();
    return process;
  }

  /** One that was started earlier, by whomever; its output follows from where nobody has read it for certain. */
  async find(key: string): Promise<HeldProcess> {
    const process = await this.#hold(key, undefined);
    if (await process.started) return process;
    const { alias } = this.#connection.address;
    throw new UserError("no-process", `${alias} holds no command ${key}`, "it ended, or its node did");
  }

  async list(): Promise<readonly Listed[]> {
    return await this.ask({ do: "list" }, (message) =>
      message.say === "listed" ? message.commands : undefined,
    );
  }

  /** What the holder answers, as `pick` finds it among all that it says. */
  async ask<Result>(message: ToHolder, pick: (message: FromHolder) => Result | undefined): Promise<Result> {
    const link = await this.#link();
    return await new Promise((resolve, reject) => {
      const answer: Answer = (said) => {
        const picked = pick(said);
        if (picked === undefined) return false;
        link.socket.off("close", gone);
        resolve(picked);
        return true;
      };
      const gone = () => {
        this.#answers.delete(answer);
        reject(this.#lost());
      };
      link.socket.once("close", gone);
      this.#answers.add(answer);
      link.say(message);
    });
  }

  /** The holder goes, and every command with it. */
  async end(): Promise<void> {
    this.#closed = true;
    const link = this.#current ?? (await this.#reach());
    if (!link) return;
    const closed = once(link.socket, "close", { signal: AbortSignal.timeout(greetingMs) });
    link.say({ do: "end" });
    await closed;
    this.#forgetHolder(undefined);
  }

  /** For whoever knows that the machine was reset: nothing that ran there is waited for. */
  lost(): void {
    this.#forgetHolder(undefined);
    this.#current?.socket.destroy();
  }

  /** Lets go of the link; the commands run on. */
  close(): void {
    this.#closed = true;
    this.#current?.socket.destroy();
    const error = new Error(`the commands on ${this.#connection.address.alias} were let go`);
    for (const process of this.#held.values()) process.fail(error);
  }

  async #hold(key: string, start: ConstructorParameters<typeof HeldProcess>[2]): Promise<HeldProcess> {
    const process = new HeldProcess(key, this.#nextId++, start);
    const link = await this.#link();
    this.#held.set(process.id, process);
    const forget = () => this.#held.delete(process.id);
    process.exited.then(forget, forget);
    // A link that was lost since then is made again, and attaches all that are held.
    if (this.#current === link) this.#attach(process, link);
    else this.#restore();
    await process.started;
    return process;
  }

  #attach(process: HeldProcess, { socket, say }: Link): void {
    process.attach({
      say,
      bytes: (id, stream, at, bytes) => {
        socket.write(stretchHead(id, stream, at, bytes.length));
        socket.write(bytes);
      },
    });
  }

  #link(): Promise<Link> {
    if (this.#closed) return Promise.reject(new Error("these commands were let go"));
    this.#linking ??= this.#makeLink().catch((error: unknown) => {
      this.#linking = undefined;
      throw error;
    });
    return this.#linking;
  }

  async #makeLink(): Promise<Link> {
    return await this.#connection.persist(async () => {
      const link = (await this.#reach()) ?? (await this.#startAndReach());
      for (const process of this.#held.values()) this.#attach(process, link);
      return link;
    });
  }

  async #startAndReach(): Promise<Link> {
    // Who ran under the holder that is gone is gone as well.
    this.#forgetHolder(undefined);
    await startHolder(this.#connection, this.#place);
    const endsMs = performance.now() + listenWithinMs;
    for (;;) {
      const link = await this.#reach();
      if (link) return link;
      if (performance.now() > endsMs) throw this.#deaf();
      await sleep(50);
    }
  }

  /** Undefined where no holder listens. */
  async #reach(): Promise<Link | undefined> {
    let socket: Duplex;
    try {
      socket = await this.#connection.forwardSocket(socketOf(this.#place));
    } catch (error) {
      if (error instanceof UserError && error.code === "ssh-nobody-there") return undefined;
      throw error;
    }
    return await this.#greeted(socket);
  }

  #greeted(socket: Duplex): Promise<Link> {
    const reader = new FrameReader<FromHolder>();
    const link: Link = { socket, say: (message) => void socket.write(messageFrame(message)) };
    const signs = setInterval(() => link.say({ do: "nothing" }), signOfLifeMs);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(), greetingMs);
      const greet = (message: Extract<FromHolder, { say: "hello" }>) => {
        clearTimeout(timer);
        if (message.protocol !== protocolNumber) {
          const what = `another version of brume made this node on ${this.#connection.address.alias}`;
          reject(new UserError("ssh-holder", what, "provision the lab again"));
          return socket.destroy();
        }
        this.#forgetHolder(message.holder);
        this.#current = link;
        resolve(link);
      };
      socket.on("data", (bytes: Buffer) => {
        try {
          for (const frame of reader.take(bytes)) {
            if (!("message" in frame)) this.#held.get(frame.id)?.bytes(frame.stream, frame.at, frame.bytes);
            else if (frame.message.say === "hello") greet(frame.message);
            else this.#heed(frame.message);
          }
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      // sshd holds a half of the channel open when the holder is gone.
      socket.once("end", () => socket.destroy());
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        clearTimeout(timer);
        clearInterval(signs);
        reject(this.#lost());
        this.#linkClosed(link);
      });
    });
  }

  #heed(message: FromHolder): void {
    for (const answer of this.#answers) {
      if (!answer(message)) continue;
      this.#answers.delete(answer);
      return;
    }
    if ("id" in message) this.#held.get(message.id)?.heed(message);
  }

  #linkClosed(link: Link): void {
    if (this.#current !== link) return;
    this.#current = undefined;
    this.#linking = undefined;
    for (const process of this.#held.values()) process.interrupt();
    this.#restore();
  }

  /** In the background, for whoever waits for commands that run. */
  #restore(): void {
    if (this.#closed || this.#held.size === 0) return;
    this.#link().catch((error: Error) => {
      for (const process of this.#held.values()) process.fail(error);
    });
  }

  /** With another holder there, or none, what ran under the one that we knew has ended. */
  #forgetHolder(holder: string | undefined): void {
    if (this.#holder !== undefined && this.#holder !== holder) {
      for (const process of this.#held.values()) if (process.attached) process.vanish();
    }
    this.#holder = holder;
  }

  #deaf(): UserError {
    const { alias } = this.#connection.address;
    const what = `the process on ${alias} that holds a node's commands runs, but cannot be reached`;
    const fix = `let its sshd allow sockets: AllowStreamLocalForwarding yes in /etc/ssh/sshd_config`;
    return new UserError("ssh-forbidden", what, fix);
  }

  #lost(): UserError {
    const { alias } = this.#connection.address;
    const fix = "is the machine still on and on the network?";
    return new UserError("ssh-lost", `the link to the commands on ${alias} was lost`, fix);
  }
}
