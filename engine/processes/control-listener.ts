/** Where workers come in: lets nobody further who does not begin with a hello and the token. */
import { createServer, type Socket } from "node:net";
import type { FromWorker, ToWorker } from "../runtime/messages.ts";
import { ControlConnection } from "./control-connection.ts";
import { listening } from "./listening.ts";
import { sameSecret } from "./same-secret.ts";

const helloMs = 10_000;
const helloBytesMax = 4096;
const connectionsMax = 4096;

export type ControlListenerEvents = {
  onMessage(connection: number, message: FromWorker): void;
  onClosed(connection: number): void;
  /** Somebody came who may not. */
  onRefused(from: string, because: string): void;
};

export class ControlListener {
  private readonly connections = new Map<number, ControlConnection>();
  /** Strangers and those that are being closed too. */
  private readonly all = new Set<ControlConnection>();
  private readonly events: ControlListenerEvents;
  private readonly token: string;
  private readonly server = createServer((socket) => this.meet(socket));
  private made = 0;

  constructor(token: string, events: ControlListenerEvents) {
    this.token = token;
    this.events = events;
    this.server.maxConnections = connectionsMax;
  }

  listen(host: string, port: number): Promise<number> {
    return listening(this.server, host, port, "the coordinator");
  }

  send(connection: number, message: ToWorker): void {
    this.connections.get(connection)?.send(message);
  }

  /** No `onClosed` follows. */
  drop(connection: number): void {
    this.connections.get(connection)?.close();
    this.connections.delete(connection);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const each of this.all) each.close();
    this.connections.clear();
    // What a worker does not take within this time it will not take any more.
    const hard = setTimeout(() => {
      for (const each of this.all) each.destroy();
    }, 1_000);
    await closed;
    clearTimeout(hard);
  }

  private meet(socket: Socket): void {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    const number = ++this.made;
    let known = false;
    const connection = new ControlConnection(
      socket,
      {
        onMessage: (message) => {
          if (known) return this.events.onMessage(number, message as FromWorker);
          const because = this.objection(message);
          if (because !== undefined) {
            connection.destroy();
            return this.events.onRefused(from, because);
          }
          known = true;
          clearTimeout(patience);
          connection.trust();
          this.connections.set(number, connection);
          this.events.onMessage(number, message as FromWorker);
        },
        onClosed: () => {
          clearTimeout(patience);
          this.all.delete(connection);
          if (this.connections.delete(number)) this.events.onClosed(number);
        },
      },
      helloBytesMax,
    );
    this.all.add(connection);
    const patience = setTimeout(() => connection.destroy(), helloMs);
  }

  private objection(message: unknown): string | undefined {
    const { is, token, worker } = (message ?? {}) as Record<string, unknown>;
    if (is !== "hello" || typeof worker !== "string") return "it did not begin with a hello";
    return typeof token === "string" && sameSecret(token, this.token) ? undefined : "its token is wrong";
  }
}
