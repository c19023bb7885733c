/** Our ends of a held command's streams: each knows its place, so that after a lost link nothing is missing or twice. */
import { Readable, Writable } from "node:stream";

/** What has arrived is told in strides, not with each line. */
const strideBytes = 2 ** 17;
const windowBytes = 2 ** 20;
const mostAtOnce = 2 ** 16;

export class ArrivingStream extends Readable {
  readonly #acknowledge: (at: number) => void;
  #place = 0;
  #acknowledged = 0;
  #wanted = true;

  constructor(acknowledge: (at: number) => void) {
    super();
    this.#acknowledge = acknowledge;
  }

  /** Behind the last byte that is here. */
  get place(): number {
    return this.#place;
  }

  /** For one that did not see the beginning. */
  startAt(place: number): void {
    this.#place = place;
    this.#acknowledged = place;
  }

  arrive(at: number, bytes: Buffer): void {
    const known = this.#place - at;
    if (known < 0) throw new Error(`bytes ${this.#place} to ${at} of a stream are missing`);
    if (known >= bytes.length) return;
    if (this.destroyed) {
      this.#discard(at + bytes.length);
      return;
    }
    this.#place = at + bytes.length;
    this.#wanted = this.push(bytes.subarray(known));
    this.#tell(strideBytes);
  }

  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#wanted = true;
    this.#tell(strideBytes);
  }

  /** Whoever destroyed the stream wants no more of it; the command must not wait for that. */
  #discard(end: number): void {
    this.#place = end;
    this.#wanted = true;
    this.#tell(strideBytes);
  }

  #tell(stride: number): void {
    if (!this.#wanted || this.#place - this.#acknowledged < stride) return;
    this.#acknowledged = this.#place;
    this.#acknowledge(this.#place);
  }
}

/** How bytes go off, while there is a link. */
export type Sender = { bytes(at: number, bytes: Buffer): void; end(at: number): void };

export class LeavingStream extends Writable {
  /** What is not known to have been taken, from `#acknowledged` on. */
  #parts: Buffer[] = [];
  #acknowledged = 0;
  #sent = 0;
  #end = 0;
  #ended = false;
  #over = false;
  #waiting: (() => void) | undefined;
  #sender: Sender | undefined;

  /** A new link: what the other side has not taken goes again. */
  resume(sender: Sender, taken: number): void {
    this.#sender = sender;
    this.acknowledge(taken);
    this.#sent = this.#acknowledged;
    this.#send();
    if (this.#ended) sender.end(this.#end);
  }

  interrupt(): void {
    this.#sender = undefined;
  }

  /** For one that did not see the beginning. */
  startAt(place: number): void {
    this.#acknowledged = this.#sent = this.#end = place;
  }

  acknowledge(at: number): void {
    let surplus = Math.min(at, this.#end) - this.#acknowledged;
    while (surplus > 0) {
      const part = this.#parts[0]!;
      const taken = Math.min(part.length, surplus);
      if (taken === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(taken);
      this.#acknowledged += taken;
      surplus -= taken;
    }
    this.#sent = Math.max(this.#sent, this.#acknowledged);
    this.#send();
    this.#letWrite();
  }

  /** The command is over: nobody waits for it to read. */
  finish(): void {
    this.#over = true;
    this.#parts = [];
    this.#letWrite();
    this.end();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#over) {
      done();
      return;
    }
    this.#parts.push(chunk);
    this.#end += chunk.length;
    this.#waiting = done;
    this.#send();
    this.#letWrite();
  }

  override _final(done: () => void): void {
    this.#ended = true;
    if (!this.#over) this.#sender?.end(this.#end);
    done();
  }

  #letWrite(): void {
    if (!this.#over && this.#end - this.#acknowledged >= windowBytes) return;
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
  }

  #send(): void {
    if (!this.#sender) return;
    let place = this.#acknowledged;
    for (const part of this.#parts) {
      let skipped = Math.max(0, this.#sent - place);
      while (skipped < part.length) {
        const room = windowBytes - (this.#sent - this.#acknowledged);
        if (room <= 0) return;
        const piece = part.subarray(skipped, skipped + Math.min(room, mostAtOnce));
        this.#sender.bytes(this.#sent, piece);
        this.#sent += piece.length;
        skipped += piece.length;
      }
      place += part.length;
    }
  }
}
