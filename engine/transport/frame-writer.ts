/** Frames gathered into few, large writes to a byte stream. Batches are encoded straight into what is written. */
import type { Batch } from "../records/batch.ts";
import { aligned, ByteRoom } from "../records/byte-room.ts";
import { batchBytes, encodeBatch, wireOverhead } from "../records/codec.ts";
import { frameKind, headBytes, putHead } from "./frame.ts";
import type { ByteStream } from "./link.ts";

/** One write to a socket. Measured over loopback: below 64 KB the calls cost, above 256 KB the caches. */
const largeChunkBytes = 262_144;
/** Chunks that are kept for use again. */
const idleChunksMax = 4;

export class FrameWriter {
  /** With the stream, and not yet sent. */
  pendingBytes = 0;
  readonly #stream: ByteStream;
  readonly #onSent: () => void;
  readonly #chunkBytes: number;
  readonly #idle: ByteRoom[] = [];
  #chunk: ByteRoom | undefined;

  /** `onSent` is called whenever `pendingBytes` has fallen. */
  constructor(stream: ByteStream, onSent: () => void, chunkBytes = largeChunkBytes) {
    this.#stream = stream;
    this.#onSent = onSent;
    this.#chunkBytes = chunkBytes;
  }

  /** Rows [from, to) of a batch, `cost` being what they cost of the credit. */
  batch(channel: number, batch: Batch, from: number, to: number, cost: number, isNarrow: boolean): void {
    const chunk = this.#room(headBytes + batchBytes(batch, from, to) + wireOverhead(batch.schema));
    const head = chunk.used;
    chunk.used += headBytes;
    encodeBatch(batch, from, to, chunk, isNarrow);
    putHead(chunk.uint32, head / 4, frameKind.batch, chunk.used - head - headBytes, channel, cost);
  }

  /** A frame whose payload is some f64. */
  numbers(kind: number, channel: number, value: number, ...payload: number[]): void {
    const chunk = this.#room(headBytes + payload.length * 8);
    putHead(chunk.uint32, chunk.used / 4, kind, payload.length * 8, channel, value);
    chunk.used += headBytes;
    chunk.float64.set(payload, chunk.used / 8);
    chunk.used += payload.length * 8;
  }

  text(kind: number, text: string): void {
    const bytes = Buffer.from(text);
    const chunk = this.#room(headBytes + aligned(bytes.length));
    putHead(chunk.uint32, chunk.used / 4, kind, aligned(bytes.length), 0, bytes.length);
    chunk.used += headBytes;
    chunk.bytes.set(bytes, chunk.used);
    chunk.advance(bytes.length);
  }

  /** Hands on what was gathered. */
  flush(): void {
    const chunk = this.#chunk;
    if (chunk === undefined || chunk.used === 0) return;
    this.#chunk = undefined;
    const length = chunk.used;
    this.pendingBytes += length;
    this.#stream.write(chunk.bytes.subarray(0, length), () => {
      this.pendingBytes -= length;
      chunk.used = 0;
      if (chunk.capacity === this.#chunkBytes && this.#idle.length < idleChunksMax) this.#idle.push(chunk);
      this.#onSent();
    });
  }

  #room(bytes: number): ByteRoom {
    if (this.#chunk !== undefined && this.#chunk.used + bytes > this.#chunk.capacity) this.flush();
    if (this.#chunk !== undefined && this.#chunk.used + bytes <= this.#chunk.capacity) return this.#chunk;
    const isOrdinary = bytes <= this.#chunkBytes;
    this.#chunk =
      (isOrdinary ? this.#idle.pop() : undefined) ?? new ByteRoom(isOrdinary ? this.#chunkBytes : bytes);
    return this.#chunk;
  }
}
