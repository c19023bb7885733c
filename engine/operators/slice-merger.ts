/**
 * The merge of the slices of a window. A window of few slices is merged slice by slice; one of many is put together of
 * blocks of 2, 4, 8 … slices, each merged once and used by all windows that hold it, so that a window costs
 * 2·log2(slices) merges instead of one for each slice. Blocks are derived from slices and are in no checkpoint.
 */
import type { KeyedTable } from "../state/keyed-table.ts";
import type { TimeWindows } from "../time/window.ts";

/** Up to so many slices, blocks cost more than they save. */
const fewSlices = 8;

export type Merge = (into: KeyedTable, from: KeyedTable) => void;

export class SliceMerger {
  readonly #windows: TimeWindows;
  readonly #find: (slice: number) => KeyedTable | undefined;
  readonly #make: () => KeyedTable;
  readonly #merge: Merge;
  readonly #levels: number;
  /** By level from 1 on, by number of the block. */
  readonly #blocks: Map<number, KeyedTable | undefined>[];
  /** What the last window was merged into. */
  #window: KeyedTable | undefined;

  constructor(
    windows: TimeWindows,
    find: (slice: number) => KeyedTable | undefined,
    make: () => KeyedTable,
    merge: Merge,
  ) {
    this.#windows = windows;
    this.#find = find;
    this.#make = make;
    this.#merge = merge;
    const slices = windows.sizeMs / windows.sliceMs;
    this.#levels = slices <= fewSlices ? 0 : Math.floor(Math.log2(slices));
    this.#blocks = Array.from({ length: this.#levels + 1 }, () => new Map());
  }

  /** The window's rows; only to be read, and until the next call. Its slices must be complete but for late records. */
  window(startMs: number): KeyedTable | undefined {
    const first = this.#indexOf(startMs);
    const end = this.#indexOf(startMs + this.#windows.sizeMs);
    const parts: KeyedTable[] = [];
    for (let index = first; index < end; ) {
      let level = 0;
      while (level < this.#levels && index % 2 ** (level + 1) === 0 && index + 2 ** (level + 1) <= end)
        level++;
      const part = this.#block(level, index / 2 ** level);
      if (part) parts.push(part);
      index += 2 ** level;
    }
    if (parts.length < 2) return parts[0];
    // The last window's room: tables that grow from nothing at each window are the most of what there is to collect.
    const into = this.#window?.recycle() ? this.#window : this.#make();
    this.#window = into;
    return this.#mergedInto(into, parts);
  }

  /** Slices below this start are gone. */
  dropBelow(slice: number): void {
    const index = this.#indexOf(slice);
    for (let level = 1; level <= this.#levels; level++) {
      for (const block of this.#blocks[level]!.keys()) {
        if ((block + 1) * 2 ** level <= index) this.#blocks[level]!.delete(block);
      }
    }
  }

  /** A slice that may have been merged has changed. */
  changed(slice: number): void {
    const index = this.#indexOf(slice);
    for (let level = 1; level <= this.#levels; level++) {
      this.#blocks[level]!.delete(Math.floor(index / 2 ** level));
    }
  }

  #indexOf(timeMs: number): number {
    return (timeMs - this.#windows.offsetMs) / this.#windows.sliceMs;
  }

  #block(level: number, block: number): KeyedTable | undefined {
    if (level === 0) return this.#find(block * this.#windows.sliceMs + this.#windows.offsetMs);
    const known = this.#blocks[level]!;
    if (known.has(block)) return known.get(block);
    const halves = [this.#block(level - 1, block * 2), this.#block(level - 1, block * 2 + 1)];
    const table = this.#merged(halves.filter((half) => half !== undefined));
    known.set(block, table);
    return table;
  }

  #merged(parts: readonly KeyedTable[]): KeyedTable | undefined {
    return parts.length < 2 ? parts[0] : this.#mergedInto(this.#make(), parts);
  }

  #mergedInto(into: KeyedTable, parts: readonly KeyedTable[]): KeyedTable {
    for (const part of parts) this.#merge(into, part);
    return into;
  }
}
