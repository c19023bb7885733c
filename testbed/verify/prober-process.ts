/** A running prober, on this machine or on a node: is asked one thing at a time, and ended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeProcess } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Exchange } from "./machine-clocks.ts";
import type { Hello, ProberCall, ProberCalls } from "./prober/orders.ts";

export type ProberEdges = {
  progress(line: string): void;
  /** On the clock by which other clocks are told. */
  nowNs(): number;
};

const startMs = 60_000;
const answerMs = 30_000;
const endMs = 2_000;

type Waiting = { heard: (line: string, atNs: number) => void; failed: (error: UserError) => void };

export class ProberProcess {
  /** For messages: where it runs. */
  readonly name: string;
  readonly hello: Hello;
  readonly #lines: Lines;

  private constructor(name: string, hello: Hello, lines: Lines) {
    this.name = name;
    this.hello = hello;
    this.#lines = lines;
  }

  static async start(
    name: string,
    spawn: () => Promise<NodeProcess>,
    edges: ProberEdges,
  ): Promise<ProberProcess> {
    const lines = new Lines(name, await spawn(), edges);
    try {
      const { line } = await lines.next(startMs);
      return new ProberProcess(name, JSON.parse(line) as Hello, lines);
    } catch (error) {
      await lines.end();
      throw error;
    }
  }

  /** `workMs`: how long it may be busy with it, as far as is known. */
  async ask<Call extends ProberCall>(
    call: Call,
    send: ProberCalls[Call]["send"],
    workMs = 0,
  ): Promise<ProberCalls[Call]["back"]> {
    const { line } = await this.#lines.ask({ do: call, ...send }, workMs + answerMs);
    return JSON.parse(line) as ProberCalls[Call]["back"];
  }

  async exchange(): Promise<Exchange> {
    const { line, askedNs, atNs } = await this.#lines.ask({ do: "clock" }, answerMs);
    return { askedNs, answeredNs: atNs, ...(JSON.parse(line) as ProberCalls["clock"]["back"]) };
  }

  async end(): Promise<void> {
    await this.#lines.end();
  }
}

/** Lines to a process and from it, with the moments at which they left and came. */
class Lines {
  readonly #name: string;
  readonly #process: NodeProcess;
  readonly #nowNs: () => number;
  readonly #over: Promise<void>;
  #waiting: Waiting | undefined;
  #unread: Buffer[] = [];
  #said = "";
  #failure: UserError | undefined;

  constructor(name: string, process: NodeProcess, { progress, nowNs }: ProberEdges) {
    this.#name = name;
    this.#process = process;
    this.#nowNs = nowNs;
    process.stdin.on("error", () => undefined); // It ended before it read; `exited` says how.
    process.stdout.on("data", (part: Buffer) => this.#heard(part, nowNs()));
    process.stderr.on("data", (part: Buffer) => {
      this.#said += part.toString();
      for (const line of part.toString().split("\n")) if (line !== "") progress(`${name}: ${line}`);
    });
    this.#over = process.exited.then(
      ({ status, signal }) =>
        this.#fail(`it ended with ${signal ?? `status ${status}`}: ${lastWords(this.#said)}`),
      (cause: Error) => this.#fail(cause.message, cause),
    );
  }

  async ask(order: object, patienceMs: number): Promise<{ line: string; askedNs: number; atNs: number }> {
    const answer = this.next(patienceMs);
    const line = `${JSON.stringify(order)}\n`;
    const askedNs = this.#nowNs();
    this.#process.stdin.write(line);
    return { askedNs, ...(await answer) };
  }

  next(patienceMs: number): Promise<{ line: string; atNs: number }> {
    if (this.#waiting) throw new Error(`the prober of ${this.#name} was asked two things at once`);
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const silence = setTimeout(
        () => this.#fail(`it said nothing for ${(patienceMs / 1000).toFixed(0)} s`),
        patienceMs,
      );
      const settled = () => {
        clearTimeout(silence);
        this.#waiting = undefined;
      };
      this.#waiting = {
        heard: (line, atNs) => {
          settled();
          resolve({ line, atNs });
        },
        failed: (error) => {
          settled();
          reject(error);
        },
      };
    });
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    const patience = new AbortController();
    const late = sleep(endMs, undefined, { signal: patience.signal }).then(
      () => this.#process.kill("SIGKILL"),
      () => undefined,
    );
    await this.#over;
    patience.abort();
    await late;
  }

  #heard(part: Buffer, atNs: number): void {
    let rest = part;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#unread, rest.subarray(0, end)]).toString();
      this.#unread = [];
      rest = rest.subarray(end + 1);
      this.#waiting?.heard(line, atNs);
    }
    if (rest.length > 0) this.#unread.push(rest);
  }

  #fail(what: string, cause?: Error): void {
    const fix = "./brume doctor says what this machine lacks; if the lab changed meanwhile, verify again";
    this.#failure ??= new UserError(
      "prober-failed",
      `the prober of ${this.#name} did not finish: ${what}`,
      fix,
      1,
      cause && { cause },
    );
    this.#waiting?.failed(this.#failure);
  }
}

function lastWords(said: string): string {
  const lines = said.trim().split("\n");
  return lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? "";
}
