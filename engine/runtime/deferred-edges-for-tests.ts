/** The links between workers of one thread, and their store: what is sent or asked for arrives when `settle` is called. */
import type { Answer, Store } from "../checkpoint/store.ts";
import { FrameReader } from "../transport/frame-reader.ts";
import { readHello } from "../transport/hello.ts";
import { FrameInLink } from "../transport/in-link.ts";
import type { ByteStream, ByteStreamEvents, Transport } from "../transport/link.ts";
import { FrameOutLink } from "../transport/out-link.ts";
import type { WorkerCore } from "./worker-core.ts";

export class DeferredEdges {
  readonly #arrivals: (() => void)[] = [];

  get isAnythingUnderWay(): boolean {
    return this.#arrivals.length > 0;
  }

  /** Until nothing is under way: what arrives may send more. */
  settle(): void {
    while (this.#arrivals.length > 0) {
      for (const arrive of this.#arrivals.splice(0)) arrive();
    }
  }

  store(blobs: Map<string, Uint8Array>): Store {
    const later = <Value>(done: Answer<Value>, error: Error | undefined, value: Value) =>
      this.#arrivals.push(() => done(error, value));
    return {
      name: "memory",
      put: (name, bytes, done) => {
        blobs.set(name, bytes.slice());
        later(done, undefined, undefined);
      },
      get: (name, done) => {
        const bytes = blobs.get(name);
        later(done, bytes ? undefined : new Error(`there is no ${name}`), bytes ?? new Uint8Array());
      },
      remove: (_name, done) => later(done, undefined, undefined),
      list: (_prefix, done) => later(done, undefined, []),
    };
  }

  /** Of the worker `from`, to those that `workerNamed` knows. */
  transport(from: string, workerNamed: (name: string) => WorkerCore, nowMs: () => number): Transport {
    return {
      connect: (peer, attempt, channels, events) => {
        const up = new PipeEnd(this.#arrivals);
        const down = new PipeEnd(this.#arrivals);
        up.other = down;
        down.other = up;
        const { accept } = workerNamed(peer.worker);
        const reader = new FrameReader((frame) => {
          const hello = readHello(frame);
          const accepted = accept(hello.worker, hello.attempt);
          if (accepted === undefined) return down.destroy();
          down.events = new FrameInLink({ stream: down, accepted, nowMs, reader });
        });
        down.events = { onBytes: (bytes) => reader.push(bytes), onClosed: () => {} };
        const hello = { version: 1, token: "token", worker: from, attempt };
        const link = new FrameOutLink({ stream: up, hello, channels, events, isNarrow: () => false });
        up.events = link;
        return link;
      },
    };
  }
}

class PipeEnd implements ByteStream {
  events: ByteStreamEvents | undefined;
  other!: PipeEnd;
  readonly #arrivals: (() => void)[];

  constructor(arrivals: (() => void)[]) {
    this.#arrivals = arrivals;
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.#arrivals.push(() => {
      this.other.events?.onBytes(bytes);
      done();
    });
  }

  end(): void {
    this.#arrivals.push(() => this.other.#close());
  }

  destroy(): void {
    this.events = undefined;
    this.end();
  }

  #close(): void {
    const { events } = this;
    this.events = undefined;
    events?.onClosed(undefined);
  }
}
