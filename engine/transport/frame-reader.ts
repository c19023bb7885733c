/** Frames out of pieces of a byte stream. A payload is copied once, into memory of its own that is 8-byte aligned. */
import { checkHead, FrameError, frameKind, headBytes, maxSmallPayloadBytes } from "./frame.ts";
import { PayloadPool } from "./payload-pool.ts";

export type Frame = {
  readonly kind: number;
  readonly channel: number;
  /** The number in the head. */
  readonly value: number;
  /** The receiver's own for a batch; else lent until the call returns. */
  readonly payload: Uint8Array<ArrayBuffer>;
};

/** An f64 of a small payload, by its place. */
export function numberAt({ kind, payload }: Frame, place: number): number {
  if (payload.length < place * 8 + 8) throw new FrameError(`kind ${kind} with ${payload.length} bytes`);
  return new Float64Array(payload.buffer, payload.byteOffset, payload.length / 8)[place]!;
}

/** Such a number that counts bytes. */
export function bytesAt(frame: Frame, place: number): number {
  const bytes = numberAt(frame, place);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new FrameError(`kind ${frame.kind} of ${bytes} bytes`);
}

export class FrameReader {
  /** Gets each frame; may be set anew by the frame that it gets. */
  onFrame: (frame: Frame) => void;
  /** Where payloads of batches come from, and go back to by who got them. */
  readonly payloads = new PayloadPool();
  readonly #head = new Uint8Array(headBytes);
  readonly #words = new Uint32Array(this.#head.buffer);
  readonly #small = new Uint8Array(maxSmallPayloadBytes);
  #headFilled = 0;
  #kind = 0;
  #payload: Uint8Array<ArrayBuffer>;
  #payloadFilled = 0;
  #isStopped = false;

  constructor(onFrame: (frame: Frame) => void) {
    this.onFrame = onFrame;
    this.#payload = this.#small;
  }

  /** Throws a `FrameError` at what is none. */
  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length && !this.#isStopped) {
      if (this.#headFilled < headBytes) {
        const taken = Math.min(headBytes - this.#headFilled, piece.length - at);
        for (let index = 0; index < taken; index++) this.#head[this.#headFilled++] = piece[at++]!;
        if (this.#headFilled < headBytes) return;
        this.#begin();
      }
      const taken = Math.min(this.#payload.length - this.#payloadFilled, piece.length - at);
      if (taken > 0) this.#payload.set(piece.subarray(at, at + taken), this.#payloadFilled);
      at += taken;
      this.#payloadFilled += taken;
      if (this.#payloadFilled === this.#payload.length) this.#finish();
    }
  }

  /** Nothing is wanted any more, not even what else is in the piece at hand. */
  stop(): void {
    this.#isStopped = true;
  }

  #begin(): void {
    this.#kind = checkHead(this.#words);
    const length = this.#words[1]!;
    this.#payloadFilled = 0;
    this.#payload =
      this.#kind === frameKind.batch
        ? // Not cleared: it is handed on only when every byte has come.
          this.payloads.take(length)
        : this.#small.subarray(0, length);
  }

  #finish(): void {
    this.#headFilled = 0;
    this.onFrame({
      kind: this.#kind,
      channel: this.#words[2]!,
      value: this.#words[3]!,
      payload: this.#payload,
    });
  }
}
