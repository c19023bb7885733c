/** Our side of a command that a holder holds: the process that other kinds of nodes give, across lost links. */
import type { Ended, NodeProcess } from "../node.ts";
import { ArrivingStream, LeavingStream } from "./held-streams.ts";
import type { FromHolder, StartRequest, StreamName, ToHolder } from "./holder/messages.ts";

/** A link to the holder; `id` is already this command's on it. */
export type HolderLink = {
  say(message: ToHolder): void;
  bytes(id: number, stream: "in", at: number, bytes: Buffer): void;
};

export class HeldProcess implements NodeProcess {
  readonly key: string;
  readonly id: number;
  readonly stdin = new LeavingStream();
  readonly stdout: ArrivingStream;
  readonly stderr: ArrivingStream;
  readonly exited: Promise<Ended>;
  /** Resolves when it runs, with whether there is such a command at all. */
  readonly started: Promise<boolean>;
  readonly #starting = Promise.withResolvers<boolean>();
  readonly #ending = Promise.withResolvers<Ended>();
  readonly #start: StartRequest | undefined;
  readonly #kills: { signal: NodeJS.Signals; serial: number; done: () => void }[] = [];
  #link: HolderLink | undefined;
  #killSerial: number;
  #pid = 0;
  #attached = false;
  #over = false;

  /** Without `start` it is one that runs already. */
  constructor(key: string, id: number, start: StartRequest | undefined) {
    this.key = key;
    this.id = id;
    this.#start = start;
    // One who finds a command must not have its signals taken for those of who started it.
    this.#killSerial = start ? 0 : Date.now();
    this.stdout = new ArrivingStream((at) => this.#acknowledge("out", at));
    this.stderr = new ArrivingStream((at) => this.#acknowledge("err", at));
    this.started = this.#starting.promise;
    this.exited = this.#ending.promise;
    // Whoever does not wait for the end must not be killed by it.
    this.started.catch(() => undefined);
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    return this.#pid;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether the holder was ever asked successfully; a command that was not is started again on another holder. */
  get attached(): boolean {
    return this.#attached;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#over) return;
    await new Promise<void>((done) => {
      this.#killSerial += 1;
      const kill = { signal, serial: this.#killSerial, done };
      this.#kills.push(kill);
      if (this.#attached) this.#sayKill(kill);
    });
  }

  /** Over a new link, or the first. */
  attach(link: HolderLink): void {
    this.#link = link;
    const { key, id } = this;
    const places = this.#attached ? { out: this.stdout.place, err: this.stderr.place } : {};
    const start = !this.#attached && this.#start ? { start: this.#start } : {};
    link.say({ do: "attach", id, key, ...start, ...places });
  }

  interrupt(): void {
    this.#link = undefined;
    this.stdin.interrupt();
  }

  bytes(stream: StreamName, at: number, bytes: Buffer): void {
    if (stream === "in") return;
    (stream === "out" ? this.stdout : this.stderr).arrive(at, bytes);
  }

  heed(message: Extract<FromHolder, { id: number }>): void {
    if (message.say === "attached") this.#nowAttached(message);
    else if (message.say === "input") this.stdin.acknowledge(message.at);
    else if (message.say === "killed") this.#killed(message.serial);
    else if (message.say === "exited") {
      this.#link?.say({ do: "release", id: this.id });
      this.#finish();
      this.#ending.resolve({ status: message.status, signal: message.signal });
    } else if (this.#attached) this.vanish();
    else {
      this.#starting.resolve(false);
      this.#finish();
      this.#ending.resolve({ status: null, signal: null });
    }
  }

  /** Its holder is gone, and so is the command: the machine was reset, or somebody ended everything there. */
  vanish(): void {
    if (this.#over) return;
    this.#finish();
    this.#starting.resolve(false);
    this.#ending.resolve({ status: null, signal: "SIGKILL" });
  }

  /** Nobody knows what became of it. */
  fail(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.#starting.reject(error);
    this.#ending.reject(error);
  }

  #nowAttached({ pid, input, out, err }: Extract<FromHolder, { say: "attached" }>): void {
    this.#pid = pid;
    if (!this.#attached) {
      this.#attached = true;
      this.stdout.startAt(out);
      this.stderr.startAt(err);
      if (!this.#start) this.stdin.startAt(input);
      this.#starting.resolve(true);
    }
    this.stdin.resume(
      {
        bytes: (at, bytes) => this.#link?.bytes(this.id, "in", at, bytes),
        end: (at) => this.#link?.say({ do: "end-input", id: this.id, at }),
      },
      input,
    );
    for (const kill of this.#kills) this.#sayKill(kill);
  }

  #sayKill({ signal, serial }: { signal: NodeJS.Signals; serial: number }): void {
    this.#link?.say({ do: "kill", id: this.id, signal, serial });
  }

  #killed(serial: number): void {
    while (this.#kills.length > 0 && this.#kills[0]!.serial <= serial) this.#kills.shift()!.done();
  }

  #acknowledge(stream: "out" | "err", at: number): void {
    this.#link?.say({ do: "ack", id: this.id, stream, at });
  }

  #finish(): void {
    this.#over = true;
    this.#link = undefined;
    this.stdout.finish();
    this.stderr.finish();
    this.stdin.finish();
    this.#killed(Number.POSITIVE_INFINITY);
  }
}
