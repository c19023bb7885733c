/**
 * Which record numbers a source's subtask makes, and in which order. Numbers are cut into blocks, block b belongs to
 * split b mod `splits`, and split s to subtask s mod parallelism: as the number of splits is fixed, their positions can
 * be dealt out anew at any parallelism. The lowest number always comes first, so that event time is nearly in order.
 */
import { EngineError } from "../engine-error.ts";

/** Numbers [first, first + count). */
export type NumberRange = { first: number; count: number };

export type SplitSettings = {
  readonly splits: number;
  /** Numbers of a block; a small one spreads a slow rate evenly over subtasks, a large one makes long ranges. */
  readonly blockRows: number;
  /** Numbers are below this; Infinity for an endless source. */
  readonly end: number;
  readonly subtask: number;
  readonly parallelism: number;
};

export class Splits {
  readonly #settings: SplitSettings;
  /** By owned split, `ids` being its number. */
  readonly #ids: number[] = [];
  readonly #next: Float64Array;
  /** Places in `#ids`, as a binary heap by `#next`. */
  readonly #heap: Int32Array;

  constructor(settings: SplitSettings) {
    this.#settings = settings;
    for (let id = settings.subtask; id < settings.splits; id += settings.parallelism) this.#ids.push(id);
    this.#next = Float64Array.from(this.#ids, (id) => id * settings.blockRows);
    this.#heap = Int32Array.from(this.#ids.keys());
  }

  /** The lowest number not yet taken; Infinity when all are. */
  get lowest(): number {
    const next = this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#next[this.#heap[0]!]!;
    return next < this.#settings.end ? next : Number.POSITIVE_INFINITY;
  }

  /** The longest range from the lowest number on, of at most `limit` numbers below `before`; undefined for none. */
  take(limit: number, before = Number.POSITIVE_INFINITY): NumberRange | undefined {
    const { blockRows, splits } = this.#settings;
    const end = Math.min(this.#settings.end, before);
    const first = this.lowest;
    if (first >= end || limit <= 0) return undefined;
    const most = Math.min(end, first + limit);
    let upTo = first;
    while (upTo < most && this.#next[this.#heap[0]!] === upTo) {
      const blockEnd = (Math.floor(upTo / blockRows) + 1) * blockRows;
      upTo = Math.min(blockEnd, most);
      this.#next[this.#heap[0]!] = upTo < blockEnd ? upTo : blockEnd + (splits - 1) * blockRows;
      this.#sink(0);
    }
    return { first, count: upTo - first };
  }

  /** Numbers below this are not made any more. */
  skipTo(number: number): void {
    const { blockRows, splits } = this.#settings;
    const roundRows = blockRows * splits;
    for (const [at, id] of this.#ids.entries()) {
      if (this.#next[at]! >= number) continue;
      const blockOfRound = Math.floor(number / roundRows) * roundRows + id * blockRows;
      // In its block of this round, or before it, or behind it: then in the next round.
      this.#next[at] =
        number < blockOfRound + blockRows ? Math.max(number, blockOfRound) : blockOfRound + roundRows;
    }
    for (let at = this.#heap.length >> 1; at-- > 0; ) this.#sink(at);
  }

  /** One byte string for each owned split: for a `union` list. `startMs` is the source's, and comes back with `restore`. */
  encode(startMs: number): Uint8Array[] {
    const { splits, blockRows } = this.#settings;
    return this.#ids.map(
      (id, at) => new Uint8Array(new Float64Array([splits, blockRows, id, this.#next[at]!, startMs]).buffer),
    );
  }

  /**
   * Takes the positions of its own splits out of everybody's, and returns the latest start (NaN without any): with that
   * one, no record becomes older than the watermark that was promised under an earlier start.
   */
  restore(entries: Iterable<Uint8Array>): number {
    let startMs = Number.NaN;
    for (const bytes of entries) {
      const [splits, blockRows, id, next, start] = new Float64Array(bytes.slice().buffer);
      this.#checkSame("splits", splits!);
      this.#checkSame("blockRows", blockRows!);
      if (!(start! <= startMs)) startMs = start!;
      const at = this.#ids.indexOf(id!);
      if (at >= 0) this.#next[at] = next!;
    }
    for (let at = this.#heap.length >> 1; at-- > 0; ) this.#sink(at);
    return startMs;
  }

  #checkSame(what: "splits" | "blockRows", saved: number): void {
    const asked = this.#settings[what];
    if (asked === saved) return;
    throw new EngineError(
      "other-splits",
      `a source was saved with ${what} ${saved} and is to go on with ${asked}`,
      `give the source ${what} ${saved}, or start without the savepoint`,
      2,
    );
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const next = this.#next;
    const moving = heap[from]!;
    const key = next[moving]!;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && next[heap[child + 1]!]! < next[heap[child]!]!) child++;
      if (next[heap[child]!]! >= key) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moving;
  }
}
