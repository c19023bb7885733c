/**
 * Timers of keys, in event time and in processing time: each time of a key once, popped by time and then by key, so
 * that the order is the same after a restore. They lie in a table whose keys are time and key in one byte string.
 */
import { ByteKeyTable } from "./byte-key-table.ts";
import { hashByteArray, hashSafeInteger, hashUtf8 } from "./java-hash.ts";
import type { KeyType } from "./operator-state.ts";
import { readSortable, sortableBytes, writeSortable } from "./sortable-integer.ts";

export class TimerQueue {
  readonly event: Timers;
  readonly processing: Timers;

  constructor(key: KeyType, maxParallelism: number) {
    this.event = new Timers(key, maxParallelism);
    this.processing = new Timers(key, maxParallelism);
  }
}

export class Timers {
  /** A row for each timer: its key is the time (`sortableBytes` of it) and the timer's key. */
  readonly table: ByteKeyTable;
  readonly #ofIntegers: boolean;
  /** Rows as a binary heap; int32[0] of a row is its place in it. */
  #heap = new Int32Array(8);
  #scratch = new Uint8Array(2 * sortableBytes);
  /** Of the timer that `pop` took. */
  timeMs = Number.NaN;
  key = Number.NaN;
  keyBytes = new Uint8Array(0);

  constructor(key: KeyType, maxParallelism: number) {
    this.table = new ByteKeyTable(hashOfKey(key), { float64: 1, int32: 1 }, maxParallelism);
    this.#ofIntegers = key !== "utf8" && key !== "bytes";
  }

  get size(): number {
    return this.table.rowCount;
  }

  /** When the earliest is due; Infinity if there is none. */
  get nextMs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.table.float64[0]![this.#heap[0]!]!;
  }

  /** False if the key had a timer at this time already. */
  add(timeMs: number, key: number): boolean {
    writeSortable(key, this.#scratch, sortableBytes);
    return this.#add(timeMs, 2 * sortableBytes);
  }

  addBytes(timeMs: number, source: Uint8Array, start: number, end: number): boolean {
    return this.#add(timeMs, this.#takeBytes(source, start, end));
  }

  /** Whether there was such a timer. */
  remove(timeMs: number, key: number): boolean {
    writeSortable(key, this.#scratch, sortableBytes);
    return this.#remove(timeMs, 2 * sortableBytes);
  }

  removeBytes(timeMs: number, source: Uint8Array, start: number, end: number): boolean {
    return this.#remove(timeMs, this.#takeBytes(source, start, end));
  }

  /** Takes the earliest timer if it is due by then, into `timeMs` and `key` or `keyBytes`. */
  pop(untilMs: number): boolean {
    if (this.size === 0 || this.nextMs > untilMs) return false;
    const row = this.#heap[0]!;
    this.timeMs = this.table.float64[0]![row]!;
    const bytes = this.table.keys.get(row);
    if (this.#ofIntegers) this.key = readSortable(bytes, sortableBytes);
    else this.keyBytes = bytes.slice(sortableBytes);
    this.#delete(row);
    return true;
  }

  /** Adds what `table.keys` of another queue had: time and key in one. */
  adopt(bytes: Uint8Array, start: number, end: number): void {
    this.#takeBytes(bytes, start + sortableBytes, end);
    this.#add(readSortable(bytes, start), end - start);
  }

  dropGroup(keyGroup: number): void {
    for (let row = this.size - 1; row >= 0; row--) {
      if (this.table.keyGroups[row] === keyGroup) this.#delete(row);
    }
  }

  get memoryBytes(): number {
    return this.table.memoryBytes + this.#heap.byteLength;
  }

  #takeBytes(source: Uint8Array, start: number, end: number): number {
    const length = sortableBytes + end - start;
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(length * 2);
    this.#scratch.set(source.subarray(start, end), sortableBytes);
    return length;
  }

  #add(timeMs: number, length: number): boolean {
    writeSortable(timeMs, this.#scratch, 0);
    const before = this.size;
    const row = this.table.rowFor(this.#scratch, 0, length);
    if (row < before) return false;
    this.table.float64[0]![row] = timeMs;
    if (row === this.#heap.length) {
      const heap = new Int32Array(row * 2);
      heap.set(this.#heap);
      this.#heap = heap;
    }
    this.#place(row, row);
    this.#rise(row);
    return true;
  }

  #remove(timeMs: number, length: number): boolean {
    writeSortable(timeMs, this.#scratch, 0);
    const row = this.table.find(this.#scratch, 0, length);
    if (row < 0) return false;
    this.#delete(row);
    return true;
  }

  #delete(row: number): void {
    this.table.beginWriting();
    const last = this.size - 1;
    const at = this.table.int32[0]![row]!;
    const moved = this.#heap[last]!;
    if (at !== last) {
      this.#place(at, moved);
      this.#sink(at, last);
      this.#rise(this.table.int32[0]![moved]!);
    }
    // The last row of the table takes the place of this one, in the heap too.
    if (row !== last) this.#heap[this.table.int32[0]![last]!] = row;
    this.table.deleteRow(row);
  }

  #place(at: number, row: number): void {
    this.#heap[at] = row;
    this.table.int32[0]![row] = at;
  }

  #rise(from: number): void {
    const row = this.#heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(row, this.#heap[parent]!)) break;
      this.#place(at, this.#heap[parent]!);
      at = parent;
    }
    this.#place(at, row);
  }

  /** `size` is that of the heap, which may have one fewer than the table. */
  #sink(from: number, size: number): void {
    const row = this.#heap[from]!;
    let at = from;
    for (let child = 1; ; at = child) {
      child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      if (!this.#isBefore(this.#heap[child]!, row)) break;
      this.#place(at, this.#heap[child]!);
    }
    this.#place(at, row);
  }

  #isBefore(one: number, other: number): boolean {
    const times = this.table.float64[0]!;
    if (times[one] !== times[other]) return times[one]! < times[other]!;
    const { bytes, starts, lengths } = this.table.keys;
    const from = starts[one]!;
    const shift = starts[other]! - from;
    const end = from + Math.min(lengths[one]!, lengths[other]!);
    for (let at = from + sortableBytes; at < end; at++) {
      if (bytes[at] !== bytes[at + shift]) return bytes[at]! < bytes[at + shift]!;
    }
    return lengths[one]! < lengths[other]!;
  }
}

function hashOfKey(key: KeyType): (source: Uint8Array, start: number, end: number) => number {
  if (key === "utf8") return (source, start, end) => hashUtf8(source, start + sortableBytes, end);
  if (key === "bytes") return (source, start, end) => hashByteArray(source, start + sortableBytes, end);
  if (key === "int32") return (source, start) => readSortable(source, start + sortableBytes);
  return (source, start) => hashSafeInteger(readSortable(source, start + sortableBytes));
}
