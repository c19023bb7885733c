/** Two byte streams joined by a network of our own: delay, rate and cuts in virtual time. */
import type { ByteStream, ByteStreamEvents } from "./link.ts";

export class VirtualTime {
  nowMs = 0;
  #events: { atMs: number; order: number; act: () => void }[] = [];
  #order = 0;

  after(delayMs: number, act: () => void): void {
    this.#events.push({ atMs: this.nowMs + delayMs, order: this.#order++, act });
  }

  /** Runs what is due until then; `turn` is called after each event. */
  runUntil(untilMs: number, turn: () => void = () => {}): void {
    for (;;) {
      let next = this.#events[0];
      for (const event of this.#events) {
        if (event.atMs < next!.atMs || (event.atMs === next!.atMs && event.order < next!.order)) next = event;
      }
      if (next === undefined || next.atMs > untilMs) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.nowMs = next.atMs;
      next.act();
      turn();
    }
    this.nowMs = untilMs;
  }
}

export type PipeConditions = {
  readonly delayMs: number;
  readonly bytesPerMs: number;
  /** Pieces are cut at these lengths in turn, as a network likes to. */
  readonly pieces?: readonly number[];
};

/** One end. `peer` gets what is written here. */
export class VirtualStream implements ByteStream {
  events: ByteStreamEvents | undefined;
  peer!: VirtualStream;
  bytesSent = 0;
  readonly #time: VirtualTime;
  readonly #conditions: PipeConditions;
  #freeAtMs = 0;
  #isCut = false;
  #piece = 0;

  constructor(time: VirtualTime, conditions: PipeConditions) {
    this.#time = time;
    this.#conditions = conditions;
  }

  write(bytes: Uint8Array, done: () => void): void {
    const { delayMs, bytesPerMs, pieces = [4096] } = this.#conditions;
    this.bytesSent += bytes.length;
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#time.nowMs);
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + pieces[this.#piece++ % pieces.length]!);
      at += piece.length;
      this.#freeAtMs += piece.length / bytesPerMs;
      this.#time.after(this.#freeAtMs - this.#time.nowMs + delayMs, () => {
        if (!this.#isCut) this.peer.events?.onBytes(piece);
      });
    }
    this.#time.after(this.#freeAtMs - this.#time.nowMs, () => {
      // What was written is the link's again.
      bytes.fill(0xee);
      if (!this.#isCut) done();
    });
  }

  end(): void {
    const sentMs = Math.max(0, this.#freeAtMs - this.#time.nowMs);
    this.#time.after(sentMs + this.#conditions.delayMs, () => this.peer.#closed(undefined));
  }

  destroy(): void {
    this.#isCut = true;
    this.#time.after(this.#conditions.delayMs, () => this.peer.#closed(undefined));
    this.#closed(undefined);
  }

  /** The network breaks: both ends hear of it. */
  cut(): void {
    for (const end of [this, this.peer]) {
      end.#isCut = true;
      end.#closed(new Error("cut"));
    }
  }

  #closed(error: Error | undefined): void {
    const { events } = this;
    this.events = undefined;
    events?.onClosed(error);
  }
}

export function virtualPipe(time: VirtualTime, conditions: PipeConditions): [VirtualStream, VirtualStream] {
  const one = new VirtualStream(time, conditions);
  const other = new VirtualStream(time, conditions);
  one.peer = other;
  other.peer = one;
  return [one, other];
}
