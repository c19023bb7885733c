/** Plays a timeline: does each moment's deed when it is due, and knows how late it was. One clock for all of it. */
import type { Deed, Moment } from "./timeline.ts";

/** setTimeout is up to a few milliseconds late, so it wakes us this early and we look at the clock again. */
const earlyMs = 4;

export type PlayerEdges = {
  nowMs(): number;
  setTimer(act: () => void, delayMs: number): () => void;
  perform(deed: Deed, lateMs: number): Promise<void>;
};

export class Player {
  readonly #edges: PlayerEdges;
  #moments: readonly Moment[] = [];
  #next = 0;
  #startedMs = 0;
  #cancel: () => void = () => undefined;
  /** Deeds are performed one after the other, in order, even when one takes longer than the time to the next. */
  #performing: Promise<void> = Promise.resolve();
  lateMsMax = 0;

  constructor(edges: PlayerEdges) {
    this.#edges = edges;
  }

  get done(): number {
    return this.#next;
  }

  get planned(): number {
    return this.#moments.length;
  }

  start(moments: readonly Moment[]): void {
    this.stop();
    this.#moments = moments;
    this.#next = 0;
    this.lateMsMax = 0;
    this.#startedMs = this.#edges.nowMs();
    this.#arm();
  }

  stop(): void {
    this.#cancel();
    this.#moments = [];
    this.#next = 0;
  }

  #arm(): void {
    const next = this.#moments[this.#next];
    if (!next) return;
    const remainingMs = this.#startedMs + next.atMs - this.#edges.nowMs();
    if (remainingMs > 0) {
      const sleepMs = Math.min(remainingMs > earlyMs ? remainingMs - earlyMs : 0, 2 ** 30);
      this.#cancel = this.#edges.setTimer(() => this.#arm(), sleepMs);
      return;
    }
    this.#next++;
    const { deed } = next;
    const dueMs = this.#startedMs + next.atMs;
    this.#performing = this.#performing.then(async () => {
      const lateMs = this.#edges.nowMs() - dueMs;
      this.lateMsMax = Math.max(this.lateMsMax, lateMs);
      await this.#edges.perform(deed, lateMs);
    });
    this.#arm();
  }
}
