/** Does what is due when it is due, and knows how late it was: a timeline, and the ends of what began by hand. */
import type { Deed, Moment } from "./timeline.ts";

/** setTimeout is up to a few milliseconds late, so it wakes us this early and we look at the clock again. */
const earlyMs = 4;
/** setTimeout cannot count further than 2^31 - 1. */
const longestSleepMs = 2 ** 30;

export type Due = { deed: Deed; lateMs: number };

export type PlayerEdges = {
  nowMs(): number;
  setTimer(act: () => void, delayMs: number): () => void;
  /** Calls back when nothing else is changing the lab. */
  inTurn(act: () => Promise<void>): Promise<void>;
  /** One deed to a node, or all deeds to the network that are due together: those cost one change of it. */
  perform(batch: readonly Due[]): Promise<void>;
  failed(error: unknown): void;
};

/** Without a key it belongs to the timeline. */
type Entry = { dueMs: number; deed: Deed; key?: string };

export class Player {
  readonly #edges: PlayerEdges;
  /** In time order. */
  #waiting: readonly Entry[] = [];
  /** Due, until their turn comes. Who stops the timeline in the meantime takes its deeds away here as well. */
  #due: readonly Entry[] = [];
  #cancel: () => void = () => undefined;
  #hasTurn = false;
  #planned = 0;
  #done = 0;
  lateMsMax = 0;

  constructor(edges: PlayerEdges) {
    this.#edges = edges;
  }

  /** Moments of the timeline. */
  get planned(): number {
    return this.#planned;
  }

  get done(): number {
    return this.#done;
  }

  start(moments: readonly Moment[]): void {
    this.stop();
    const startedMs = this.#edges.nowMs();
    this.#planned = moments.length;
    this.#add(moments.map(({ atMs, deed }) => ({ dueMs: startedMs + atMs, deed })));
  }

  /** Ends the timeline; what is due by hand stays due. */
  stop(): void {
    this.#drop(({ key }) => key === undefined);
    this.#planned = 0;
    this.#done = 0;
    this.lateMsMax = 0;
  }

  /** Takes the place of what is still due under that key. */
  later(key: string, deed: Deed, delayMs: number): void {
    this.forget(key);
    this.#add([{ dueMs: this.#edges.nowMs() + delayMs, deed, key }]);
  }

  forget(key: string): void {
    this.#drop((entry) => entry.key === key);
  }

  #add(entries: readonly Entry[]): void {
    this.#waiting = [...this.#waiting, ...entries].sort((a, b) => a.dueMs - b.dueMs);
    this.#arm();
  }

  #drop(which: (entry: Entry) => boolean): void {
    this.#waiting = this.#waiting.filter((entry) => !which(entry));
    this.#due = this.#due.filter((entry) => !which(entry));
    this.#arm();
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = () => undefined;
    const nowMs = this.#edges.nowMs();
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs);
    this.#due = [...this.#due, ...due];
    this.#waiting = this.#waiting.slice(due.length);
    const [next] = this.#waiting;
    if (next) {
      const sleepMs = Math.min(Math.max(0, next.dueMs - nowMs - earlyMs), longestSleepMs);
      this.#cancel = this.#edges.setTimer(() => this.#arm(), sleepMs);
    }
    this.#takeTurn();
  }

  /** One batch a turn, and one turn at a time: the deeds keep their order, and orders by hand get in between. */
  #takeTurn(): void {
    if (this.#hasTurn || this.#due.length === 0) return;
    this.#hasTurn = true;
    this.#edges
      .inTurn(() => this.#performBatch())
      .catch((error: unknown) => this.#edges.failed(error))
      .finally(() => {
        this.#hasTurn = false;
        this.#takeTurn();
      });
  }

  async #performBatch(): Promise<void> {
    const length = batchLength(this.#due);
    const batch = this.#due.slice(0, length);
    this.#due = this.#due.slice(length);
    if (batch.length === 0) return;
    const nowMs = this.#edges.nowMs();
    const late = batch.map(({ dueMs, deed }) => ({ deed, lateMs: nowMs - dueMs }));
    for (const { lateMs } of late) this.lateMsMax = Math.max(this.lateMsMax, lateMs);
    try {
      await this.#edges.perform(late);
    } finally {
      this.#done += batch.filter(({ key }) => key === undefined).length;
    }
  }
}

function batchLength(due: readonly Entry[]): number {
  const firstOfNode = due.findIndex(({ deed }) => deed.do === "node");
  return firstOfNode < 0 ? due.length : Math.max(1, firstOfNode);
}
