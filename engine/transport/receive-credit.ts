/**
 * The receiver's side of a channel's credit: how much the sender may have on the way and in the queue. Its window
 * follows twice what is consumed in a round, so that a fast channel of long delay gets what it needs within a few
 * rounds, and a slow consumer has a short queue; but it is at least what is consumed in some turns. Pure: time and
 * round-trip time come by argument.
 */
import { ConsumptionPace } from "./consumption-pace.ts";
import type { CreditHolder, CreditPool } from "./credit-pool.ts";

/** Beside the round trip, credits wait for turns of both event loops and for the batch in work. */
const turnMs = 5;
/** A round ends after so many round trips at the latest, so that the window of a slow consumer falls. */
const roundTripsMax = 4;
/** Grants wait for so large a share of the window, so that not every batch makes one. */
const grantShare = 1 / 8;
/** A sender that believes in a window so many times too large is told. */
const staleShare = 2;
/** A few records: enough to find out how fast they are consumed, and little to wait for where that is slow. */
const leastBytes = 512;
/** As long as a window is all that holds a new channel up, it grows by so much a round, later twofold. */
const firstGrowth = 4;
/** A window falls slowly: a pause of some rounds does not cost a new start. */
const fallPerRound = 7 / 8;

export type CreditFrames = {
  grant(bytes: number, window: number): void;
  /** Asks the sender to give back up to so many bytes that it has not used. */
  reclaim(bytes: number): void;
};

export class ReceiveCredit implements CreditHolder {
  window: number;
  /** Granted, and neither consumed nor returned: with the sender, on the way, or in the queue. */
  #outstanding: number;
  /** Of it, what the sender may still send. */
  #unused: number;
  /** What the sender was last told that its window is. */
  #toldWindow: number;
  #reclaiming = 0;
  /** A record of the sender's is this big. */
  #wanted = 0;
  readonly #pool: CreditPool;
  readonly #frames: CreditFrames;
  /** A round lasts until what was outstanding at its start is consumed: with a busy sender, one trip there and back. */
  #roundStartMs: number;
  #roundBytes = 0;
  #roundEndBytes: number;
  /** What the pool knows to be held. */
  #heldBefore: number;
  readonly #pace: ConsumptionPace;
  #growth = firstGrowth;

  constructor(pool: CreditPool, frames: CreditFrames, nowMs: number) {
    this.#pool = pool;
    this.#frames = frames;
    this.#roundStartMs = nowMs;
    this.#pace = new ConsumptionPace(nowMs);
    this.window = Math.min(leastBytes, pool.floorBytes);
    this.#outstanding = this.#unused = this.#roundEndBytes = this.#toldWindow = this.window;
    this.#heldBefore = pool.floorBytes;
    pool.join(this);
    frames.grant(this.window, this.window);
  }

  get heldBytes(): number {
    // It can have its floor at any time, whatever others hold.
    return Math.max(this.window, this.#outstanding, this.#pool.floorBytes);
  }

  /** False when the sender had no credit for it. */
  received(bytes: number, nowMs: number): boolean {
    // Silence before the first record of a round says nothing of how fast they are consumed.
    if (this.#roundBytes === 0 && this.#unused === this.#outstanding) this.#roundStartMs = nowMs;
    this.#unused -= bytes;
    return this.#unused >= 0;
  }

  consumed(bytes: number, nowMs: number, rttMs: number): void {
    this.#outstanding -= bytes;
    this.#roundBytes += bytes;
    this.#pace.consumed(bytes, nowMs);
    const elapsedMs = nowMs - this.#roundStartMs;
    const roundMs = rttMs + turnMs;
    const isRound = this.#roundBytes >= this.#roundEndBytes && elapsedMs >= Math.max(rttMs, turnMs);
    if (isRound || elapsedMs >= roundMs * roundTripsMax) {
      const ofRound = (this.#growth * this.#roundBytes * roundMs) / elapsedMs;
      if (ofRound <= this.window) this.#growth = 2;
      this.#resize(Math.max(ofRound, this.window * fallPerRound), nowMs);
      this.#roundStartMs = nowMs;
      this.#roundBytes = 0;
      this.#roundEndBytes = this.#outstanding;
    } else if (this.#wanted > this.window) {
      // Its window was taken for another one's record before it could use it: it stands in line again.
      this.#resize(this.window, nowMs);
    }
    this.#settle(nowMs);
    // Who waits may be helped by what changed here though no memory became free: by a place in the line, for one.
    this.#pool.released(nowMs);
  }

  /** The sender has a record of so many bytes. False when it is larger than all that there can be. */
  want(bytes: number, nowMs: number): boolean {
    if (bytes > this.#pool.recordBytesMax) return false;
    this.#wanted = bytes;
    this.retry(nowMs);
    return true;
  }

  /** False when the sender gives back more than it was asked for. */
  returned(bytes: number, nowMs: number): boolean {
    if (bytes > this.#reclaiming) return false;
    this.#reclaiming = 0;
    this.#outstanding -= bytes;
    this.#unused -= bytes;
    // It may have been given back just when it was wanted: what is missing is got anew.
    if (this.#wanted > this.#unused) this.#resize(this.window, nowMs);
    this.#settle(nowMs);
    return true;
  }

  shrinkTo(bytes: number, nowMs: number): void {
    this.window = Math.min(this.window, Math.max(Math.floor(bytes), this.#pool.floorBytes));
    const excess = Math.min(this.#unused, this.#outstanding - this.window);
    if (excess > 0 && this.#reclaiming === 0) this.#frames.reclaim((this.#reclaiming = excess));
    this.#settle(nowMs);
  }

  retry(nowMs: number): void {
    this.#resize(this.window, nowMs);
    this.#settle(nowMs);
  }

  close(nowMs: number): void {
    this.#pool.leave(this, nowMs);
  }

  #resize(target: number, nowMs: number): void {
    const { floorBytes } = this.#pool;
    const mayGrow = this.#pool.mayGrow(this);
    const reachable = mayGrow ? this.#heldBefore + this.#pool.freeBytes : Math.max(this.window, floorBytes);
    // Up to its floor it is what is consumed in some turns.
    const ownBytes = Math.min(floorBytes, Math.max(leastBytes, this.#pace.queueBytes));
    const least = Math.max(this.#wanted, ownBytes);
    const most = Math.max(Math.floor(target), least);
    if (most <= reachable) {
      this.window = most;
      this.#pool.content(this);
      return;
    }
    // All or nothing for a large record: parts of it, held by several channels, would make them wait for each other.
    this.window =
      least <= reachable ? reachable : Math.min(this.window, Math.max(Math.floor(target), ownBytes));
    this.#pool.press(this, least > reachable, nowMs);
  }

  /** Grants what is due, and tells the pool what is held now. */
  #settle(nowMs: number): void {
    const due = this.window - this.#outstanding;
    const isAwaited = this.#wanted > this.#unused && this.window >= this.#wanted;
    if (due > 0 && (due >= this.window * grantShare || isAwaited)) {
      this.#outstanding += due;
      this.#unused += due;
      this.#frames.grant(due, (this.#toldWindow = this.window));
    } else if (this.window * staleShare < this.#toldWindow) {
      // By the larger one it would wait for the credit of a frame that it never gets.
      this.#frames.grant(0, (this.#toldWindow = this.window));
    }
    // What the sender was asked to give back may be gone already.
    if (this.#unused - this.#reclaiming >= this.#wanted) this.#wanted = 0;
    const change = this.heldBytes - this.#heldBefore;
    this.#heldBefore += change;
    if (change !== 0) this.#pool.changed(change);
    if (change < 0) this.#pool.released(nowMs);
  }
}
