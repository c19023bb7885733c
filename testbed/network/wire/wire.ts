/** The wire as the rest of the lab's keeper sees it: a thread that is given nodes and networks and can be read. */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { eventfd, signalEvent } from "#testbed/linux/syscalls.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { AddressingSettings } from "./addressing.ts";
import { Counters } from "./counters.ts";
import { statisticsMemory, type WireReport, WireStatistics } from "./statistics.ts";

export type WireSettings = {
  port: MessagePort;
  wakeFd: number;
  /** The network namespace that holds the outer ends of all nodes' links. */
  namespaceFd: number;
  addressing: AddressingSettings;
  mtuBytes: number;
  /** Packets in flight at most; memory is taken only as they are used. */
  slots: number;
  /** Packets that the kernel may hold for us while we are busy. */
  frames: number;
  /** Nodes that the tables are made for, the host included. */
  nodes: number;
  hostMac: Uint8Array;
  network: Network;
  seed: number;
  priority: number;
  counters: SharedArrayBuffer;
  statistics: SharedArrayBuffer;
};

export type WireOrder =
  | { do: "attach"; node: number; interfaceIndex: number; mac: Uint8Array }
  | { do: "detach"; node: number }
  | { do: "network"; network: Network; changed: Uint32Array }
  | { do: "end" };

type Options = Omit<WireSettings, "port" | "wakeFd" | "counters" | "statistics">;

export class Wire {
  readonly counters: Counters;
  readonly #statistics: WireStatistics;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #wakeFd: number;
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  private constructor(
    worker: Worker,
    port: MessagePort,
    wakeFd: number,
    counters: Counters,
    statistics: WireStatistics,
  ) {
    this.#worker = worker;
    this.#port = port;
    this.#wakeFd = wakeFd;
    this.counters = counters;
    this.#statistics = statistics;
    port.on("message", () => this.#waiting.shift()?.resolve());
    worker.on("error", (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error as Error);
      throw error;
    });
  }

  static async start(options: Options): Promise<Wire> {
    const { port1, port2 } = new MessageChannel();
    const counters = new SharedArrayBuffer(Counters.bytesFor(options.nodes));
    const statistics = statisticsMemory();
    const wakeFd = eventfd();
    const settings: WireSettings = { ...options, port: port2, wakeFd, counters, statistics };
    const worker = new Worker(new URL("./loop.ts", import.meta.url), {
      workerData: settings,
      transferList: [port2],
    });
    const wire = new Wire(
      worker,
      port1,
      wakeFd,
      new Counters(counters, options.nodes),
      new WireStatistics(statistics),
    );
    await wire.#answered();
    return wire;
  }

  report(): WireReport {
    return this.#statistics.report();
  }

  async order(order: WireOrder): Promise<void> {
    this.#port.postMessage(order);
    signalEvent(this.#wakeFd);
    await this.#answered();
  }

  async end(): Promise<void> {
    this.#port.postMessage({ do: "end" } satisfies WireOrder);
    signalEvent(this.#wakeFd);
    await new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#port.close();
  }

  #answered(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
