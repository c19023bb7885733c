/**
 * The control connection's bytes: each message is four bytes of length, then so many of JSON. JSON has no Infinity and no
 * NaN, which settings and watermarks may be: they go as strings that begin with a zero character. Pure.
 */
import { EngineError } from "../engine-error.ts";

const headBytes = 4;

/** A frame of no bytes says only that the sender is alive. */
export const keepAlive = Buffer.alloc(headBytes);

export function frameOf(message: unknown): Buffer {
  const text = JSON.stringify(message, unusualToText);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, headBytes);
  return frame;
}

export class FrameReader {
  /** No frame may be larger; a stranger's first one is held to less. */
  bytesMax: number;
  private parts: Buffer[] = [];
  private held = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** The messages that are whole with these bytes. Throws when they are no such frames. */
  read(bytes: Buffer): unknown[] {
    const messages: unknown[] = [];
    this.parts.push(bytes);
    this.held += bytes.length;
    while (this.held >= headBytes) {
      const length = this.peek(headBytes).readUInt32BE(0);
      if (length > this.bytesMax) {
        throw new EngineError(
          "frame-too-large",
          `a message of ${length} bytes; ${this.bytesMax} at most`,
          "",
        );
      }
      if (this.held < headBytes + length) break;
      this.take(headBytes);
      if (length > 0) messages.push(parsed(this.take(length)));
    }
    return messages;
  }

  private peek(length: number): Buffer {
    const first = this.parts[0];
    if (first && first.length >= length) return first;
    this.parts = [Buffer.concat(this.parts)];
    return this.parts[0] ?? Buffer.alloc(0);
  }

  private take(length: number): Buffer {
    const whole = this.peek(length);
    const rest = whole.subarray(length);
    if (rest.length > 0) this.parts[0] = rest;
    else this.parts.shift();
    this.held -= length;
    return whole.subarray(0, length);
  }
}

const mark = "\0";
const markInJson = Buffer.from(JSON.stringify(mark).slice(1, -1));

function unusualToText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? `${mark}${value}` : value;
}

function parsed(bytes: Buffer): unknown {
  const text = bytes.toString();
  if (!bytes.includes(markInJson)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? Number(value.slice(mark.length)) : value,
  );
}
