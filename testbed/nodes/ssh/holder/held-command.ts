/**
 * A command on the machine where it runs, apart from whoever asked for it: its output is kept until it has arrived, its
 * input is taken once however often it is sent, and it runs on for a while with nobody attached.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { homedir } from "node:os";
import { KeptOutput } from "./kept-output.ts";
import type { StartRequest } from "./messages.ts";

/** Whoever is attached. */
export type Listener = {
  output(stream: "out" | "err", at: number, bytes: Buffer): void;
  input(at: number): void;
  exited(status: number | null, signal: string | null): void;
};

/** Of each stream; then the command waits, as with a pipe that nobody reads. */
const keptBytes = 2 ** 20;
const lastWordsMs = 5000;
/** A place that no stream reaches. */
const behindEverything = 2 ** 47;

export class HeldCommand {
  readonly key: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #kept = { out: new KeptOutput(keptBytes), err: new KeptOutput(keptBytes) };
  readonly #unattendedMs: number;
  readonly #forget: () => void;
  #listener: Listener | undefined;
  #ended: { status: number | null; signal: string | null } | undefined;
  /** Place behind the input that was taken, and behind what the command has read of it. */
  #taken = 0;
  #handed = 0;
  #killSerial = 0;
  #alone: NodeJS.Timeout | undefined;

  /** `forget` is called when it has ended and nobody came for what is left of it. */
  constructor(key: string, request: StartRequest, forget: () => void) {
    this.key = key;
    this.#unattendedMs = request.unattendedMs;
    this.#forget = forget;
    const [file = "", ...words] = request.command;
    this.#child = spawn(file, words, {
      env: { ...process.env, ...request.env },
      cwd: request.cwd ?? homedir(),
      stdio: "pipe",
    });
    this.#child.once("error", (error: NodeJS.ErrnoException) => this.#neverRan(file, error));
    this.#child.stdin.on("error", () => this.#inputClosed());
    this.#child.stdin.once("close", () => this.#inputClosed());
    for (const stream of ["out", "err"] as const) {
      this.#source(stream).on("data", (bytes: Buffer) => this.#output(stream, bytes));
    }
    this.#child.once("close", (status, signal) => this.#end(status, signal));
    this.#startAlone();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#ended === undefined;
  }

  get places(): { input: number; out: number; err: number } {
    return { input: this.#taken, out: this.#kept.out.oldest, err: this.#kept.err.oldest };
  }

  /** Whoever was attached is no longer told anything. */
  attach(listener: Listener, from: { out: number; err: number }): void {
    clearTimeout(this.#alone);
    this.#listener = listener;
    for (const stream of ["out", "err"] as const) {
      this.acknowledge(stream, from[stream]);
      for (const { at, bytes } of this.#kept[stream].from(from[stream])) listener.output(stream, at, bytes);
    }
    if (this.#ended) listener.exited(this.#ended.status, this.#ended.signal);
  }

  detach(listener: Listener): void {
    if (this.#listener !== listener) return;
    this.#listener = undefined;
    this.#startAlone();
  }

  acknowledge(stream: "out" | "err", at: number): void {
    const kept = this.#kept[stream];
    kept.acknowledge(at);
    if (!kept.full) this.#source(stream).resume();
  }

  input(at: number, bytes: Buffer): void {
    const known = this.#taken - at;
    if (known >= bytes.length || known < 0) return; // Sent again after it had arrived, or out of turn.
    const fresh = bytes.subarray(known);
    this.#taken += fresh.length;
    const end = this.#taken;
    this.#child.stdin.write(fresh, () => {
      this.#handed = Math.max(this.#handed, end);
      this.#listener?.input(this.#handed);
    });
  }

  endInput(at: number): void {
    if (at <= this.#taken) this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals, serial: number): void {
    if (serial <= this.#killSerial) return;
    this.#killSerial = serial;
    if (this.#ended === undefined) this.#child.kill(signal);
  }

  /** With the holder. */
  destroy(): void {
    clearTimeout(this.#alone);
    if (this.#ended === undefined) this.#child.kill("SIGKILL");
  }

  #source(stream: "out" | "err") {
    return stream === "out" ? this.#child.stdout : this.#child.stderr;
  }

  #output(stream: "out" | "err", bytes: Buffer): void {
    const kept = this.#kept[stream];
    const at = kept.end;
    kept.append(bytes);
    if (kept.full) this.#source(stream).pause();
    this.#listener?.output(stream, at, bytes);
  }

  /** As a shell says it, so that a missing program looks alike on all kinds of nodes. */
  #neverRan(file: string, error: NodeJS.ErrnoException): void {
    if (this.#child.pid !== undefined) return;
    const missing = error.code === "ENOENT";
    this.#output("err", Buffer.from(`${file}: ${missing ? "not found" : error.message}\n`));
    this.#end(missing ? 127 : 126, null);
  }

  /** Nobody reads any more, so nobody has to wait with sending. */
  #inputClosed(): void {
    this.#taken = this.#handed = behindEverything;
    this.#listener?.input(this.#handed);
  }

  #end(status: number | null, signal: string | null): void {
    if (this.#ended) return;
    this.#ended = { status, signal };
    this.#listener?.exited(status, signal);
    if (!this.#listener) this.#startAlone();
  }

  #startAlone(): void {
    clearTimeout(this.#alone);
    this.#alone = setTimeout(() => {
      if (this.#ended) return this.#forget();
      // As when a terminal is closed.
      this.#child.stdin.end();
      this.#child.kill("SIGHUP");
      this.#alone = setTimeout(() => {
        if (this.#ended === undefined) this.#child.kill("SIGKILL");
        this.#forget();
      }, lastWordsMs);
    }, this.#unattendedMs);
  }
}
