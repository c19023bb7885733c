/**
 * A windowed join for tests of the search: its windows hold what was asked for in their span of event time, so that results
 * grow with the square of the asked rate; a window's results are worked at when it is over, and nothing is taken meanwhile;
 * and its node takes longer for everything until it has worked for a while.
 */
import type { MstSample } from "./measure-mst.ts";

export type JoinSettings = {
  /** Of a warm node. */
  readonly recordMs: number;
  readonly resultMs: number;
  /** Results of a window with n records: `pairs` × n². */
  readonly pairs: number;
  readonly windowMs: number;
  readonly queueMax: number;
  /** Cold, a node takes so many times longer beside what it takes warm, and half of it after so much work. */
  readonly cold: number;
  readonly coldHalfLifeMs: number;
  /** Of a record's work, up to which it differs from others. */
  readonly uneven: number;
  readonly seed: number;
};

export class JoinJob {
  nowMs = 0;
  rate = 0;
  readonly #settings: JoinSettings;
  readonly #queue: number[] = [];
  /** The next record's, in event time. */
  #dueMs = 0;
  #freeMs = 0;
  #workedMs = 0;
  #records = 0;
  #inWindow = 0;
  #window = 0;
  #random: number;

  constructor(settings: JoinSettings) {
    this.#settings = settings;
    this.#random = settings.seed;
  }

  /** What it sustains once it is warm: R × recordMs + pairs × (R × window)² / window × resultMs is all of its time. */
  get truth(): number {
    const { recordMs, resultMs, pairs, windowMs } = this.#settings;
    const square = pairs * windowMs * resultMs;
    const perMs =
      square === 0 ? 1 / recordMs : (Math.sqrt(recordMs ** 2 + 4 * square) - recordMs) / (2 * square);
    return perMs * 1000;
  }

  /** What is overdue is forgotten. */
  load(rate: number): void {
    this.rate = rate;
    this.#dueMs = this.nowMs;
  }

  look(): MstSample {
    const [stepMs, everyMs] = [1, 1000];
    const [workedMs, records] = [this.#workedMs, this.#records];
    let [taken, heldMs] = [0, 0];
    for (let ms = 0; ms < everyMs; ms += stepMs) {
      this.nowMs += stepMs;
      this.#work();
      for (; this.rate > 0 && this.#dueMs <= this.nowMs; this.#dueMs += 1000 / this.rate) {
        if (this.#queue.length >= this.#settings.queueMax) break;
        this.#queue.push(this.#dueMs);
        taken += 1;
      }
      if (this.rate > 0 && this.#dueMs <= this.nowMs) heldMs += stepMs;
    }
    return {
      ...{ atMs: this.nowMs, attempt: 1, taken: (taken / everyMs) * 1000 },
      ...{ backpressured: heldMs / everyMs, lagMs: Math.max(0, this.nowMs - this.#dueMs) },
      work: { node: { records: this.#records - records, cpu: (this.#workedMs - workedMs) / everyMs } },
    };
  }

  #work(): void {
    const { recordMs, resultMs, pairs, windowMs, uneven } = this.#settings;
    while (this.#freeMs <= this.nowMs && this.#queue.length > 0) {
      const window = Math.floor(this.#queue[0]! / windowMs);
      if (window > this.#window) {
        this.#spend(pairs * this.#inWindow ** 2 * resultMs);
        this.#window = window;
        this.#inWindow = 0;
        continue;
      }
      this.#queue.shift();
      this.#inWindow += 1;
      this.#records += 1;
      this.#spend(recordMs * (1 + uneven * (2 * this.#draw() - 1)));
    }
  }

  #spend(warmMs: number): void {
    const { cold, coldHalfLifeMs } = this.#settings;
    const ms = warmMs * (1 + cold * 2 ** (-this.#workedMs / coldHalfLifeMs));
    // It has been idle since it was free.
    this.#freeMs = Math.max(this.#freeMs, this.nowMs - 1) + ms;
    this.#workedMs += ms;
  }

  #draw(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return this.#random / 2 ** 32;
  }
}
