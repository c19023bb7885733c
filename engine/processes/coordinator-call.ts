/** A worker's connection to its coordinator: made anew when it breaks, given up when the coordinator stays away. */
import { connect } from "node:net";
import type { FromWorker, ToWorker } from "../runtime/messages.ts";
import { ControlConnection } from "./control-connection.ts";

export type WorkerEnd = "shut-down" | "orphaned" | "aborted";

export type CoordinatorCallOptions = {
  readonly host: string;
  readonly port: number;
  readonly hello: Extract<FromWorker, { is: "hello" }>;
  /** Without an answer for so long, it is over. */
  readonly orphanMs: number;
  onMessage(message: ToWorker): void;
  /** What it has said is void. */
  onLost(): void;
};

const retryMs = 200;
const connectMs = 5_000;

export class CoordinatorCall {
  readonly over: Promise<WorkerEnd>;
  private readonly options: CoordinatorCallOptions;
  private readonly settle: (end: WorkerEnd) => void;
  private connection: ControlConnection | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isOver = false;
  private awaySinceMs = performance.now();

  constructor(options: CoordinatorCallOptions) {
    this.options = options;
    const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
    this.over = promise;
    this.settle = resolve;
    this.dial();
  }

  /** What is said while nobody hears it is lost: the coordinator takes it from the next hello that we begin anew. */
  send(message: FromWorker): void {
    this.connection?.send(message);
  }

  end(how: WorkerEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.retry);
    this.connection?.close();
    this.connection = undefined;
    this.settle(how);
  }

  private dial(): void {
    const { host, port, hello, onLost } = this.options;
    const socket = connect({ host, port });
    const patience = setTimeout(() => socket.destroy(), connectMs);
    let connection: ControlConnection | undefined;
    let wasHeard = false;
    socket.once("error", () => undefined);
    socket.once("connect", () => {
      clearTimeout(patience);
      if (this.isOver) return void socket.destroy();
      connection = new ControlConnection(socket, {
        onMessage: (message) => {
          wasHeard = true;
          this.hear(message as ToWorker);
        },
        onClosed: () => undefined,
      });
      this.connection = connection;
      connection.send(hello);
    });
    socket.once("close", () => {
      clearTimeout(patience);
      if (this.isOver) return;
      if (connection !== undefined) {
        this.connection = undefined;
        onLost();
      }
      // One that hangs up without a word does not know us: it counts as being away.
      if (wasHeard) this.awaySinceMs = performance.now();
      if (performance.now() - this.awaySinceMs > this.options.orphanMs) this.end("orphaned");
      else this.retry = setTimeout(() => this.dial(), retryMs);
    });
  }

  private hear(message: ToWorker): void {
    if (message.is === "shut-down") this.end("shut-down");
    else this.options.onMessage(message);
  }
}
