/** A TCP socket as a link's byte stream. What is written before the socket is connected waits for it. */
import type { Socket } from "node:net";
import type { ByteStream, ByteStreamEvents } from "./link.ts";

/** A peer that does not close its side for so long is cut off. */
const lingerMs = 5000;
/** Finds out about a peer that vanished without a word, while nothing is sent. */
const keepAliveMs = 10_000;

export class SocketStream implements ByteStream {
  #events: ByteStreamEvents | undefined;
  #socket: Socket | undefined;
  #waiting: { bytes: Uint8Array; done: () => void }[] = [];
  #isEnding = false;
  #isDestroyed = false;

  /** Whether both ends are on one machine, so that its memory, not a network, carries the bytes. */
  get isLocal(): boolean {
    return this.#socket !== undefined && this.#socket.localAddress === this.#socket.remoteAddress;
  }

  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** Tells what comes to `events` from here on. */
  use(events: ByteStreamEvents): void {
    this.#events = events;
  }

  /** What its socket has read. */
  readonly take = (bytes: Uint8Array): void => this.#events?.onBytes(bytes);

  /** Of a connected socket, which gives what it reads to `take`. */
  attach(socket: Socket): void {
    if (this.#isDestroyed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    let failure: Error | undefined;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => this.closed(failure));
    // Else its end would not be told.
    socket.resume();
    for (const { bytes, done } of this.#waiting) this.write(bytes, done);
    this.#waiting = [];
    if (this.#isEnding) this.end();
  }

  /** There is no connection, or none any more. */
  closed(error: Error | undefined): void {
    this.#isDestroyed = true;
    const events = this.#events;
    this.#events = undefined;
    events?.onClosed(error);
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.#socket === undefined) this.#waiting.push({ bytes, done });
    else {
      this.#socket.write(bytes, (error) => {
        if (!error) done();
      });
    }
  }

  end(): void {
    this.#isEnding = true;
    const socket = this.#socket;
    if (socket === undefined) return;
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
    socket.end();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#waiting = [];
    this.#socket?.destroy();
  }
}
