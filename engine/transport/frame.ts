/**
 * Frames on the byte stream between two workers. A frame is a head of 16 bytes (mark u16, kind u8, 0 u8; length of the
 * payload u32; channel u32; one number of the kind's own u32) and a payload that is padded to 8 bytes. Little-endian.
 */
export const headBytes = 16;
/** The first two bytes of every frame: bytes that have lost their place are seen for what they are. */
export const frameMark = 0x42e5;
/** Of a batch. Senders make parts of what is bigger; a single record cannot be. */
export const maxPayloadBytes = 64 << 20;
/** Of every other kind. */
export const maxSmallPayloadBytes = 4096;

/** What a kind carries besides its channel; `number` is the head's. */
export const frameKind = {
  /** JSON of `Hello`, `number` its length. First on a connection, and never again. */
  hello: 1,
  /** A batch in its wire form; `number` is what it costs of the channel's credit. */
  batch: 2,
  /** Two f64: ms, dueMs. */
  watermark: 3,
  idle: 4,
  /** f64: checkpoint. `number`: index of its kind + 256 × index of its mode. */
  barrier: 5,
  end: 6,
  /** Two f64: bytes granted, window. */
  credit: 7,
  /** f64: bytes that are asked back. */
  reclaim: 8,
  /** f64: bytes that were given back. */
  returned: 9,
  /** f64: bytes of a record that no credit suffices for. */
  want: 10,
  /** f64: the asker's time in ms. */
  ping: 11,
  /** f64: what the ping held. */
  pong: 12,
} as const;

const kindCount = 12;

/** The head is 4-byte aligned at `head` (counted in words). */
export function putHead(
  words: Uint32Array,
  head: number,
  kind: number,
  length: number,
  channel: number,
  value: number,
): void {
  words[head] = frameMark | (kind << 16);
  words[head + 1] = length;
  words[head + 2] = channel;
  words[head + 3] = value;
}

/** The peer speaks something else, or another version of this. The connection is of no use any more. */
export class FrameError extends Error {
  constructor(what: string) {
    super(`bad frame: ${what}`);
    this.name = "FrameError";
  }
}

/** The kind of a frame, once its head is known to be sound. */
export function checkHead(words: Uint32Array): number {
  const kind = words[0]! >>> 16;
  const length = words[1]!;
  if ((words[0]! & 0xffff) !== frameMark || kind === 0 || kind > kindCount) {
    throw new FrameError(`begins with 0x${words[0]!.toString(16)}`);
  }
  if (length % 8 !== 0 || length > (kind === frameKind.batch ? maxPayloadBytes : maxSmallPayloadBytes)) {
    throw new FrameError(`kind ${kind} with ${length} bytes`);
  }
  return kind;
}
