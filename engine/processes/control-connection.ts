/**
 * The connection between a worker and the coordinator: JSON messages over TCP. Each side says now and then that it is
 * alive; a side that is silent too long, or does not read what it is sent, is cut off.
 */
import type { Socket } from "node:net";
import { FrameReader, frameOf, keepAlive } from "./control-frames.ts";

const aliveEveryMs = 1_000;
export const silenceMs = 15_000;
/** A plan of thousands of subtasks, or the parts of a checkpoint with all their segments. */
const bytesMax = 128 * 2 ** 20;
const unsentBytesMax = 256 * 2 ** 20;

export type ControlEvents = {
  onMessage(message: unknown): void;
  /** Once, and last. */
  onClosed(error: Error | undefined): void;
};

export class ControlConnection {
  private readonly socket: Socket;
  private readonly reader: FrameReader;
  private readonly alive: NodeJS.Timeout;

  /** `firstBytesMax` holds until `trust` is called. */
  constructor(socket: Socket, events: ControlEvents, firstBytesMax = bytesMax) {
    this.socket = socket;
    let failure: Error | undefined;
    this.reader = new FrameReader(firstBytesMax);
    socket.setNoDelay(true);
    socket.setTimeout(silenceMs, () => socket.destroy(new Error(`nothing heard for ${silenceMs / 1000} s`)));
    socket.on("data", (bytes) => {
      for (const message of this.read(bytes)) if (!socket.destroyed) events.onMessage(message);
    });
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      clearInterval(this.alive);
      events.onClosed(failure);
    });
    this.alive = setInterval(() => this.write(keepAlive), aliveEveryMs);
  }

  /** The other side has shown its token. */
  trust(): void {
    this.reader.bytesMax = bytesMax;
  }

  send(message: unknown): void {
    this.write(frameOf(message));
  }

  /** After what was sent. */
  close(): void {
    clearInterval(this.alive);
    if (!this.socket.destroyed) this.socket.end(() => this.socket.destroySoon());
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer): unknown[] {
    try {
      return this.reader.read(bytes);
    } catch (error) {
      this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return [];
    }
  }

  private write(frame: Buffer): void {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    if (this.socket.writableLength > unsentBytesMax) {
      this.socket.destroy(new Error("the other side does not read"));
      return;
    }
    this.socket.write(frame);
  }
}
