/** Deals out the rows of a batch to the channels of an edge, each into the builder of its channel. */
import { hashByteArray, hashUtf8 } from "../state/java-hash.ts";
import { keyGroupOf, keyGroupsOfInt32s, keyGroupsOfSafeIntegers } from "../state/key-groups.ts";
import type { KeyType } from "../state/operator-state.ts";
import { type Batch, type BytesColumn, batchRows } from "./batch.ts";
import type { BatchBuilder } from "./batch-builder.ts";

/** By the key group of a column, through the key-group table of the task that the edge goes to. */
export class Scatter {
  readonly #key: KeyType;
  readonly #column: number;
  /** By key group. */
  readonly #channelOf: Uint16Array;
  readonly #counts: Uint32Array;
  #groups = new Uint16Array(0);
  /** By channel, of the batch at hand. */
  #rows: Uint32Array[];

  constructor(key: KeyType, column: number, channelOf: ArrayLike<number>, channels: number) {
    this.#key = key;
    this.#column = column;
    this.#channelOf = Uint16Array.from(channelOf);
    this.#counts = new Uint32Array(channels);
    this.#rows = [];
    this.#reserve(batchRows);
  }

  /** Builder i gets the rows of channel i, in their order. */
  scatter(batch: Batch, builders: readonly BatchBuilder[]): void {
    this.#reserve(batch.rowCount);
    this.#findGroups(batch);
    const rows = this.#rows;
    const counts = this.#counts;
    counts.fill(0);
    if (rows.length === 2)
      splitInTwo(this.#groups, this.#channelOf, batch.rowCount, rows[0]!, rows[1]!, counts);
    else split(this.#groups, this.#channelOf, batch.rowCount, rows, counts);
    for (let channel = 0; channel < rows.length; channel++) {
      const count = counts[channel]!;
      if (count > 0) builders[channel]!.appendRows(batch, rows[channel]!, 0, count);
    }
  }

  #findGroups({ columns, rowCount }: Batch): void {
    const column = columns[this.#column]!;
    const groups = this.#groups;
    const maxParallelism = this.#channelOf.length;
    if (this.#key === "int32") keyGroupsOfInt32s(column as Int32Array, rowCount, maxParallelism, groups);
    else if (this.#key === "utf8" || this.#key === "bytes") {
      const { offsets, bytes } = column as BytesColumn;
      const hash = this.#key === "utf8" ? hashUtf8 : hashByteArray;
      for (let row = 0; row < rowCount; row++) {
        groups[row] = keyGroupOf(hash(bytes, offsets[row]!, offsets[row + 1]!), maxParallelism);
      }
    } else keyGroupsOfSafeIntegers(column as Float64Array, rowCount, maxParallelism, groups);
  }

  #reserve(rows: number): void {
    if (rows <= this.#groups.length) return;
    this.#groups = new Uint16Array(rows);
    this.#rows = Array.from(this.#counts, () => new Uint32Array(rows));
  }
}

function split(
  groups: Uint16Array,
  channelOf: Uint16Array,
  count: number,
  rows: readonly Uint32Array[],
  counts: Uint32Array,
): void {
  for (let row = 0; row < count; row++) {
    const channel = channelOf[groups[row]!]!;
    rows[channel]![counts[channel]!++] = row;
  }
}

/** Without a branch that would go wrong for every other row, and without counts that wait for memory. */
function splitInTwo(
  groups: Uint16Array,
  channelOf: Uint16Array,
  count: number,
  first: Uint32Array,
  second: Uint32Array,
  counts: Uint32Array,
): void {
  let firsts = 0;
  let seconds = 0;
  for (let row = 0; row < count; row++) {
    const isSecond = channelOf[groups[row]!]!;
    first[firsts] = row;
    second[seconds] = row;
    seconds += isSecond;
    firsts += 1 - isSecond;
  }
  counts[0] = firsts;
  counts[1] = seconds;
}

/** An even share of each batch for each channel; who gets the first rows changes, so that small batches go round. */
export class Rebalance {
  #next = 0;

  scatter(batch: Batch, builders: readonly BatchBuilder[]): void {
    const channels = builders.length;
    const share = Math.ceil(batch.rowCount / channels);
    for (let from = 0; from < batch.rowCount; from += share) {
      builders[this.#next]!.appendRange(batch, from, Math.min(from + share, batch.rowCount));
      this.#next = (this.#next + 1) % channels;
    }
  }
}

/** Every row to every channel. */
export class Broadcast {
  scatter(batch: Batch, builders: readonly BatchBuilder[]): void {
    for (const builder of builders) builder.appendRange(batch, 0, batch.rowCount);
  }
}
