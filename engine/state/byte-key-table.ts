/**
 * Keyed state where keys are byte strings, UTF-8 text most of all. The same index as `IntegerTable`, but with the hash
 * beside each row number: other keys are told apart without touching their bytes.
 */
import type { BytesColumn } from "../records/batch.ts";
import { ByteArena } from "./byte-arena.ts";
import { hashByteArray, hashUtf8 } from "./java-hash.ts";
import { keyGroupOf } from "./key-groups.ts";
import { leastRowCapacity, RowColumns, type RowShape } from "./row-columns.ts";

export type ByteKeyType = "utf8" | "bytes";

/** From a key to Java's hash of it, which decides on the key group. */
export type ByteKeyHash = (source: Uint8Array, start: number, end: number) => number;

export class ByteKeyTable extends RowColumns {
  readonly kind = "bytes";
  readonly #groupHash: ByteKeyHash;
  protected readonly maxParallelism: number;
  keys = new ByteArena(leastRowCapacity);
  /** Pairs of hash and row number + 1; 0 is empty. */
  #slots = new Int32Array(leastRowCapacity * 4);
  #shift = 32 - Math.log2(leastRowCapacity * 2);
  /** `keys.bytes`, and a view of it to read four bytes at once. */
  #viewedBytes = this.keys.bytes;
  #keysView = viewOf(this.keys.bytes);

  constructor(key: ByteKeyType | ByteKeyHash, shape: RowShape, maxParallelism: number) {
    super(shape);
    this.#groupHash = key === "utf8" ? hashUtf8 : key === "bytes" ? hashByteArray : key;
    this.maxParallelism = maxParallelism;
  }

  /** The row of key source[start, end), made if there is none; see `firstNew`. */
  rowFor(source: Uint8Array, start: number, end: number): number {
    if (this.sealed) this.beginWriting();
    this.firstNew = this.rowCount;
    const view = viewOfLatest(source);
    const hash = hashBytes(view, start, end);
    const row = this.#find(view, start, end, hash);
    return row < 0 ? this.#insert(source, start, end, hash) : row;
  }

  /** into[at] = the row of value `at` of a column for `from` <= at < `to`, made if there is none. */
  rowsFor({ offsets, bytes }: BytesColumn, from: number, to: number, into: Int32Array): void {
    if (this.sealed) this.beginWriting();
    this.firstNew = this.rowCount;
    const view = viewOf(bytes);
    let start = offsets[from]!;
    for (let at = from; at < to; at++) {
      const end = offsets[at + 1]!;
      const hash = hashBytes(view, start, end);
      const row = this.#find(view, start, end, hash);
      into[at] = row < 0 ? this.#insert(bytes, start, end, hash) : row;
      start = end;
    }
  }

  /** The key's row, or -1. */
  find(source: Uint8Array, start: number, end: number): number {
    const view = viewOfLatest(source);
    return this.#find(view, start, end, hashBytes(view, start, end));
  }

  /** into[at] = the row of value `at` of a column for `from` <= at < `to`, or -1. */
  findAll({ offsets, bytes }: BytesColumn, from: number, to: number, into: Int32Array): void {
    const view = viewOf(bytes);
    for (let at = from; at < to; at++) {
      const hash = hashBytes(view, offsets[at]!, offsets[at + 1]!);
      into[at] = this.#find(view, offsets[at]!, offsets[at + 1]!, hash);
    }
  }

  /** Whether the key was there. */
  delete(source: Uint8Array, start: number, end: number): boolean {
    const row = this.find(source, start, end);
    if (row < 0) return false;
    this.deleteRow(row);
    return true;
  }

  deleteRow(row: number): void {
    this.beginWriting();
    this.#vacate(this.#slotOf(row));
    const last = this.rowCount - 1;
    if (row === last) this.keys.clearRow(row);
    else {
      this.#slots[this.#slotOf(last) + 1] = row + 1;
      this.keys.moveRow(last, row);
    }
    this.removeRow(row);
    // An eighth, so that a table about the size of a limit does not grow and shrink by turns.
    if (this.rowCapacity > leastRowCapacity && this.rowCount * 8 < this.rowCapacity) {
      this.#resize(this.rowCapacity / 2);
    }
  }

  clear(): void {
    this.clearRows();
    this.keys = new ByteArena(leastRowCapacity);
    this.#slots = new Int32Array(leastRowCapacity * 4);
    this.#shift = 32 - Math.log2(leastRowCapacity * 2);
  }

  recycle(): boolean {
    if (!this.isRecyclable) return false;
    this.recycleRows();
    this.keys.recycle();
    this.#slots.fill(0);
    return true;
  }

  get memoryBytes(): number {
    return this.columnBytes + this.keys.memoryBytes + this.#slots.byteLength;
  }

  protected unshareKeys(): void {
    this.keys.unshare();
  }

  #find(source: DataView, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash >>> this.#shift) << 1; ; slot = (slot + 2) & mask) {
      const row = slots[slot + 1]! - 1;
      if (row < 0 || (slots[slot] === hash && this.#holds(row, source, start, end))) return row;
    }
  }

  /** Whether a row's key is these bytes: four at a time. */
  #holds(row: number, source: DataView, start: number, end: number): boolean {
    if (this.keys.lengths[row] !== end - start) return false;
    const { bytes } = this.keys;
    if (bytes !== this.#viewedBytes) {
      this.#viewedBytes = bytes;
      this.#keysView = viewOf(bytes);
    }
    const keys = this.#keysView;
    const shift = this.keys.starts[row]! - start;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      if (keys.getInt32(at + shift, true) !== source.getInt32(at, true)) return false;
    }
    for (; at < end; at++) if (bytes[at + shift] !== source.getUint8(at)) return false;
    return true;
  }

  #insert(source: Uint8Array, start: number, end: number, hash: number): number {
    const row = this.rowCount;
    if (row === this.rowCapacity) this.#resize(this.rowCapacity * 2);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash >>> this.#shift) << 1;
    while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
    this.keys.set(row, source, start, end);
    this.keyGroups[row] = this.keyGroupOf(source, start, end);
    slots[slot] = hash;
    slots[slot + 1] = row + 1;
    this.rowCount = row + 1;
    return row;
  }

  protected keyGroupOf(source: Uint8Array, start: number, end: number): number {
    return keyGroupOf(this.#groupHash(source, start, end), this.maxParallelism);
  }

  #slotOf(row: number): number {
    const start = this.keys.starts[row]!;
    const hash = hashBytes(viewOfLatest(this.keys.bytes), start, start + this.keys.lengths[row]!);
    const mask = this.#slots.length - 1;
    let slot = (hash >>> this.#shift) << 1;
    while (this.#slots[slot + 1] !== row + 1) slot = (slot + 2) & mask;
    return slot;
  }

  /** Empties a slot and moves up what had to go past it. */
  #vacate(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = slot;
    for (let next = (hole + 2) & mask; slots[next + 1] !== 0; next = (next + 2) & mask) {
      const home = (slots[next]! >>> this.#shift) << 1;
      if (((next - home) & mask) < ((next - hole) & mask)) continue; // Its home lies behind the hole.
      slots[hole] = slots[next]!;
      slots[hole + 1] = slots[next + 1]!;
      hole = next;
    }
    slots[hole] = 0;
    slots[hole + 1] = 0;
  }

  #resize(rowCapacity: number): void {
    this.resizeRows(rowCapacity);
    this.keys.resizeRows(rowCapacity);
    const before = this.#slots;
    const slots = new Int32Array(rowCapacity * 4);
    const mask = slots.length - 1;
    this.#slots = slots;
    this.#shift = 32 - Math.log2(rowCapacity * 2);
    for (let from = 0; from < before.length; from += 2) {
      if (before[from + 1] === 0) continue;
      let slot = (before[from]! >>> this.#shift) << 1;
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      slots[slot] = before[from]!;
      slots[slot + 1] = before[from + 1]!;
    }
  }
}

/** Four bytes a step; the group's own hash takes one, and a subtask's keys have some of its bits in common. */
function hashBytes(source: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ source.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | source.getUint8(at);
  hash = Math.imul(hash ^ rest, 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Keys that are asked for one by one mostly come from the same bytes. */
let latestSource = new Uint8Array(0);
let latestView = viewOf(latestSource);

function viewOfLatest(source: Uint8Array): DataView {
  if (source !== latestSource) {
    latestSource = source as Uint8Array<ArrayBuffer>;
    latestView = viewOf(source) as DataView<ArrayBuffer>;
  }
  return latestView;
}
