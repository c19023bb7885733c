/**
 * A browser without a screen, for tests of pages: opens a file offline, tells what it printed and asked the network for,
 * answers expressions, and prints pictures. Speaks the Chrome DevTools protocol over a pipe.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

type Answer = Record<string, unknown>;
type Message = {
  id?: number;
  method?: string;
  params?: Answer;
  result?: Answer;
  error?: { message: string };
};
type Waiting = { resolve(answer: Answer): void; reject(error: Error): void };

export class Browser {
  readonly #profile = mkdtempSync(join(tmpdir(), "brume-browser-"));
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #loaded = new Set<() => void>();
  #session: string | undefined;
  #lastId = 0;
  /** What the page printed, and errors that nobody caught. */
  readonly printed: string[] = [];
  /** Addresses that were asked for, the page's own among them. */
  readonly requested: string[] = [];

  private constructor(command: string) {
    // The page is our own and offline. The sandbox refuses root, and containers have little shared memory.
    const words = ["--remote-debugging-pipe", `--user-data-dir=${this.#profile}`, "--hide-scrollbars"];
    words.push("--disable-gpu", "--no-sandbox", "--disable-dev-shm-usage");
    this.#child = spawn(command, [...words, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const fail = (error: Error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    this.#child.once("error", fail);
    this.#child.once("exit", (status) => fail(new Error(`${command} ended with ${status}`)));
    let unread = "";
    (this.#child.stdio[4] as Readable).setEncoding("utf8").on("data", (part: string) => {
      const messages = (unread + part).split("\0");
      unread = messages.pop() ?? "";
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
    (this.#child.stdio[3] as Writable).on("error", fail);
  }

  static async start(command: string): Promise<Browser> {
    const browser = new Browser(command);
    const { targetId } = await browser.call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.call("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = sessionId as string;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await browser.call(`${domain}.enable`);
    return browser;
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result ?? {});
    } else if (
      method === "Runtime.consoleAPICalled" ||
      method === "Runtime.exceptionThrown" ||
      method === "Log.entryAdded"
    )
      this.printed.push(JSON.stringify(params));
    else if (method === "Network.requestWillBeSent")
      this.requested.push((params as { request: { url: string } }).request.url);
    else if (method === "Page.loadEventFired") for (const heard of this.#loaded) heard();
  }

  call(method: string, params: Answer = {}): Promise<Answer> {
    const id = ++this.#lastId;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  /** Loads a file with the network off. */
  async open(file: string, { width = 1080, dark = false } = {}): Promise<void> {
    const offline = { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.call("Network.emulateNetworkConditions", offline);
    await this.call("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await this.call("Emulation.setEmulatedMedia", { features });
    const loaded = new Promise<void>((resolve) => {
      const heard = () => {
        this.#loaded.delete(heard);
        resolve();
      };
      this.#loaded.add(heard);
    });
    await this.call("Page.navigate", { url: pathToFileURL(file).href });
    await loaded;
  }

  /** The value of an expression in the page; it must survive JSON. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const answer = await this.call("Runtime.evaluate", { expression, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return (answer.result as { value: Value }).value;
  }

  async pdf(): Promise<Buffer> {
    const { data } = await this.call("Page.printToPDF", { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(data as string, "base64");
  }

  /** By its own command, since its helper processes outlive a kill of the first; killed where it does not listen. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once("exit", resolve));
      const impatience = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
      this.#session = undefined;
      this.call("Browser.close").catch(() => undefined);
      await gone;
      clearTimeout(impatience);
    }
    for (const pipe of this.#child.stdio.slice(3)) pipe?.destroy();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
