/** Messages and stretches of streams as bytes on a socket, and back. A frame: its length, its kind, then what it holds. */
import type { StreamName } from "./messages.ts";

export type Frame<Message> =
  | { message: Message }
  | { id: number; stream: StreamName; at: number; bytes: Buffer };

const streams: readonly StreamName[] = ["in", "out", "err"];
const messageKind = 255;
const headBytes = 5;
/** Id, and the place in the stream in six bytes: enough for 281 TB. */
const stretchBytes = 10;
/** What is longer was not written by us. */
const longest = 2 ** 26;

export function messageFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32BE(1 + body.length, 0);
  frame.writeUInt8(messageKind, 4);
  body.copy(frame, headBytes);
  return frame;
}

/** The head alone; the stretch's own bytes follow it unchanged. */
export function stretchHead(id: number, stream: StreamName, at: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes + stretchBytes);
  head.writeUInt32BE(1 + stretchBytes + length, 0);
  head.writeUInt8(streams.indexOf(stream), 4);
  head.writeUInt32BE(id, headBytes);
  head.writeUIntBE(at, headBytes + 4, 6);
  return head;
}

export class FrameReader<Message> {
  #parts: Buffer[] = [];
  #held = 0;

  /** The frames that are whole with these bytes. */
  take(bytes: Buffer): Frame<Message>[] {
    this.#parts.push(bytes);
    this.#held += bytes.length;
    const frames: Frame<Message>[] = [];
    for (let length = this.#nextLength(); length !== undefined; length = this.#nextLength()) {
      frames.push(read(this.#whole().subarray(4, 4 + length)));
      this.#parts = [this.#whole().subarray(4 + length)];
      this.#held -= 4 + length;
    }
    return frames;
  }

  /** Undefined while the next frame is not there as a whole. */
  #nextLength(): number | undefined {
    if (this.#held < 4) return undefined;
    if (this.#parts[0]!.length < 4) this.#whole();
    const length = this.#parts[0]!.readUInt32BE(0);
    if (length > longest || length === 0) throw new Error(`a frame of ${length} bytes is not ours`);
    return this.#held >= 4 + length ? length : undefined;
  }

  #whole(): Buffer {
    if (this.#parts.length !== 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0]!;
  }
}

function read<Message>(body: Buffer): Frame<Message> {
  const kind = body.readUInt8(0);
  if (kind === messageKind) return { message: JSON.parse(body.toString("utf8", 1)) as Message };
  const stream = streams[kind];
  if (stream === undefined) throw new Error(`a frame of kind ${kind} is not ours`);
  return {
    id: body.readUInt32BE(1),
    stream,
    at: body.readUIntBE(5, 6),
    bytes: body.subarray(1 + stretchBytes),
  };
}
