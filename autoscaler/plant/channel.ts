/** One channel of a plant: from a source's subtask to a seat, in bytes, with credits that travel back. */
import { DelayLine } from "./delay-line.ts";

/** Sums of many small parts differ by their rounding. */
const byteApart = 1;

export class Channel {
  readonly roundTripMs: number;
  readonly isLocal: boolean;
  window: number;
  sendQueue = 0;
  /** At the receiving node, waiting for its link. */
  atLink = 0;
  inQueue = 0;
  emitted = 0;
  consumed = 0;
  /** A barrier is behind so many emitted bytes; infinite when there is none. */
  barrierAt = Number.POSITIVE_INFINITY;
  /** Behind so many emitted bytes a window ends; first to last. */
  readonly windowEnds: number[] = [];
  #outstanding = 0;
  #rate = 0;
  readonly #forth: DelayLine;
  readonly #back: DelayLine;

  constructor(rttMs: number, turnMs: number, tickMs: number, isLocal: boolean, window: number) {
    this.roundTripMs = rttMs + turnMs;
    this.isLocal = isLocal;
    this.window = window;
    this.#forth = new DelayLine(rttMs / 2 / tickMs);
    this.#back = new DelayLine((rttMs / 2 + turnMs) / tickMs);
  }

  emit(bytes: number): void {
    this.sendQueue += bytes;
    this.emitted += bytes;
  }

  get sendable(): number {
    return Math.max(0, Math.min(this.sendQueue, this.window - this.#outstanding));
  }

  send(bytes: number): void {
    this.sendQueue -= bytes;
    this.#outstanding += bytes;
    this.#forth.put(bytes);
  }

  arrive(): void {
    this.atLink += this.#forth.take();
  }

  pass(bytes: number): void {
    this.atLink -= bytes;
    this.inQueue += bytes;
  }

  /** Up to the barrier, when there is one. */
  get available(): number {
    return Math.max(0, Math.min(this.inQueue, this.barrierAt - this.consumed));
  }

  get isAtWindowEnd(): boolean {
    return this.windowEnds.length > 0 && this.consumed >= this.windowEnds[0]! - byteApart;
  }

  get isAtBarrier(): boolean {
    return this.consumed >= this.barrierAt - byteApart;
  }

  consume(bytes: number): void {
    this.inQueue -= bytes;
    this.consumed += bytes;
    this.#back.put(bytes);
  }

  /** At the end of a tick. */
  settle(tickMs: number, consumedBytes: number): void {
    this.#outstanding -= this.#back.take();
    this.#rate += (consumedBytes / tickMs - this.#rate) * Math.min(1, tickMs / 100);
  }

  /** What it would hold if there were enough: twice what is consumed in a round trip. */
  get wanted(): number {
    return 2 * this.#rate * this.roundTripMs;
  }
}

/** A worker's memory among its channels: small wishes are granted, the others share the rest evenly. */
export function shareMemory(channels: readonly Channel[], poolBytes: number): void {
  const floor = Math.min(65_536, poolBytes / channels.length / 2);
  const byWish = channels.map((channel) => ({ channel, wish: Math.max(floor, channel.wanted) }));
  byWish.sort((one, other) => one.wish - other.wish);
  let left = poolBytes;
  for (const [at, { channel, wish }] of byWish.entries()) {
    channel.window = Math.min(wish, left / (byWish.length - at));
    left -= channel.window;
  }
}
