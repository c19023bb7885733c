/** Which rows of a table were used of late, and which leave memory when it is to hold fewer: a clock over the rows. */
import type { RowColumns } from "../row-columns.ts";

/** So much of the allowed rows is left after making room, so that room is not made for each batch. */
const keptShare = 0.75;
/** Index, key, key group and what growing arrays have to spare. */
const rowOverheadBytes = 56;

/** Where rows cannot leave, room is not looked for again before there are so many times as many. */
const retryGrowth = 1.25;

export class WarmRows {
  #used = new Uint8Array(8);
  #retryAt = 0;

  use(row: number): void {
    if (row >= this.#used.length) {
      const used = new Uint8Array(Math.max(row + 1, this.#used.length * 2));
      used.set(this.#used);
      this.#used = used;
    }
    this.#used[row] = 1;
  }

  useAll(rows: Int32Array, from: number, to: number): void {
    for (let at = from; at < to; at++) if (rows[at]! >= 0) this.use(rows[at]!);
  }

  /** The last row has taken the place of `row`. */
  moved(last: number, row: number): void {
    this.#used[row] = this.#used[last] ?? 0;
    this.#used[last] = 0;
  }

  /** Calls `leave`, which deletes the row and says whether it did, for those used least lately. */
  makeRoom(table: RowColumns, mostRows: number, leave: (row: number) => boolean): void {
    if (table.rowCount < this.#retryAt) return;
    const target = Math.floor(mostRows * keptShare);
    for (let round = 0; round < 2; round++) {
      for (let row = table.rowCount - 1; row >= 0 && table.rowCount > target; row--) {
        if (this.#used[row] === 1 && round === 0) this.#used[row] = 0;
        else leave(row);
      }
    }
    this.#retryAt = table.rowCount > target ? table.rowCount * retryGrowth : 0;
  }
}

/** How many rows of a table about so many bytes hold. */
export function rowsIn(bytes: number, { float64, int32, bytes: arenas, keys, rowCount }: RowColumns): number {
  const rows = Math.max(1, rowCount);
  let each = rowOverheadBytes + float64.length * 16 + int32.length * 8;
  for (const arena of arenas) each += 16 + (2 * arena.liveBytes) / rows;
  if ("liveBytes" in keys) each += 16 + (2 * keys.liveBytes) / rows;
  return Math.max(1, Math.floor(bytes / each));
}
