/**
 * Byte strings of many rows in one growing array, so that a key or value of bytes costs no object of its own.
 * Rows refer to it by start and length; what they let go of is squeezed out when room runs short or rows grow few.
 */
import { EngineError } from "../engine-error.ts";

/** Starts are kept in 32 bits. */
const byteLimit = 2 ** 32 - 1;
/** Below this, squeezing saves less than it costs. */
const leastGarbageBytes = 1024;

/** Byte strings by row, for reading: an arena, or what a freeze has kept of one. */
export class ByteRows {
  bytes: Uint8Array;
  /** By row. */
  starts: Uint32Array;
  lengths: Uint32Array;

  constructor(bytes: Uint8Array, starts: Uint32Array, lengths: Uint32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.lengths = lengths;
  }

  /** A view of a row's bytes, for reading before the next change. */
  get(row: number): Uint8Array {
    const start = this.starts[row]!;
    return this.bytes.subarray(start, start + this.lengths[row]!);
  }
}

/** Its arrays are replaced as they grow. */
export class ByteArena extends ByteRows {
  #end = 0;
  #live = 0;
  /** Bytes before this one are part of a freeze, and are not overwritten in place. */
  #frozenEnd = 0;

  constructor(rowCapacity: number) {
    super(new Uint8Array(0), new Uint32Array(rowCapacity), new Uint32Array(rowCapacity));
  }

  /** Gives a row the bytes of source[start, end), which may lie in this arena; what the row had is let go. */
  set(row: number, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const before = this.lengths[row]!;
    let at = this.starts[row]!;
    if (length > before || at < this.#frozenEnd) {
      // What is written is live only afterwards, and a squeeze on the way must not carry the old bytes along.
      this.#live -= before;
      this.lengths[row] = 0;
      this.#makeRoom(length);
      at = this.#end;
      this.#end += length;
      this.#live += length;
    } else this.#live -= before - length;
    copyBytes(source, start, end, this.bytes, at);
    this.starts[row] = at;
    this.lengths[row] = length;
  }

  /** Row `from` becomes row `to`, whose bytes are let go; used when a row leaves and the last takes its place. */
  moveRow(from: number, to: number): void {
    this.#live -= this.lengths[to]!;
    this.starts[to] = this.starts[from]!;
    this.lengths[to] = this.lengths[from]!;
    this.starts[from] = 0;
    this.lengths[from] = 0;
  }

  clearRow(row: number): void {
    this.#live -= this.lengths[row]!;
    this.starts[row] = 0;
    this.lengths[row] = 0;
  }

  resizeRows(rowCapacity: number): void {
    this.starts = resized(this.starts, new Uint32Array(rowCapacity));
    this.lengths = resized(this.lengths, new Uint32Array(rowCapacity));
    if (this.bytes.length > leastGarbageBytes && this.#live * 4 < this.bytes.length) this.#squeeze(0);
  }

  /** Every row is empty again; the room stays, but for bytes that a freeze may still refer to. */
  recycle(): void {
    this.starts.fill(0);
    this.lengths.fill(0);
    if (this.#frozenEnd > 0) this.bytes = new Uint8Array(this.bytes.length);
    this.#end = 0;
    this.#live = 0;
    this.#frozenEnd = 0;
  }

  /** What it holds now; it stays so after `unshare`, whatever is written then. */
  share(): ByteRows {
    this.#frozenEnd = this.#end;
    return new ByteRows(this.bytes, this.starts, this.lengths);
  }

  /** Before the first write after `share`. The bytes themselves are only ever added to from then on. */
  unshare(): void {
    this.starts = this.starts.slice();
    this.lengths = this.lengths.slice();
  }

  get memoryBytes(): number {
    return this.bytes.byteLength + this.starts.byteLength + this.lengths.byteLength;
  }

  /** Of all rows, without what is to be squeezed out. */
  get liveBytes(): number {
    return this.#live;
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.bytes.length) return;
    if (this.#live + length > byteLimit) {
      throw new EngineError(
        "state-too-large",
        `the byte strings of one state in one subtask exceed ${byteLimit} bytes`,
        "raise the operator's parallelism",
      );
    }
    this.#squeeze(length);
  }

  /** Copies live bytes, in order of rows, to an array with room for half as many again. */
  #squeeze(extra: number): void {
    const needed = this.#live + extra;
    const bytes = new Uint8Array(Math.min(byteLimit, Math.max(64, needed + (needed >>> 1))));
    let end = 0;
    if (this.#end - this.#live < leastGarbageBytes && this.#end + extra <= bytes.length) {
      // Next to no garbage: one copy, and no start changes.
      bytes.set(this.bytes.subarray(0, this.#end));
      end = this.#end;
    } else {
      for (let row = 0; row < this.starts.length; row++) {
        const start = this.starts[row]!;
        const length = this.lengths[row]!;
        copyBytes(this.bytes, start, start + length, bytes, end);
        this.starts[row] = end;
        end += length;
      }
    }
    this.bytes = bytes;
    this.#end = end;
    this.#frozenEnd = 0;
  }
}

/** A call of `set` costs more than a loop over few bytes, and makes a view of its source. */
function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 64) to.set(from.subarray(start, end), at);
  else for (let index = start; index < end; index++) to[at + index - start] = from[index]!;
}

/** Copies what fits of one typed array to another. */
export function resized<Values extends Float64Array | Int32Array | Uint32Array | Uint16Array>(
  from: Values,
  to: Values,
): Values {
  to.set(from.length > to.length ? (from.subarray(0, to.length) as Values) : from);
  return to;
}
