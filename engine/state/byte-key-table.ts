/**
 * The keyed state of one key group where keys are byte strings, UTF-8 text most of all. The same index as
 * `IntegerTable`, but with the hash beside each row number: other keys are told apart without touching their bytes.
 */
import { ByteArena } from "./byte-arena.ts";
import { leastRowCapacity, RowColumns, type RowShape } from "./row-columns.ts";

export class ByteKeyTable extends RowColumns {
  /** By row; the first `rowCount` are valid. */
  keys = new ByteArena(leastRowCapacity);
  /** Pairs of hash and row number + 1; 0 is empty. */
  #slots = new Int32Array(leastRowCapacity * 4);
  #shift = 32 - Math.log2(leastRowCapacity * 2);

  constructor(shape: RowShape) {
    super(shape);
  }

  /** The row of key source[start, end), made if there is none; a row equal to `rowCount` before is a new one. */
  rowFor(source: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(source, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash >>> this.#shift) << 1; ; slot = (slot + 2) & mask) {
      const row = slots[slot + 1]! - 1;
      if (row < 0) return this.#insert(source, start, end, hash, slot);
      if (slots[slot] === hash && this.#holds(row, source, start, end)) return row;
    }
  }

  /** The key's row, or -1. */
  find(source: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(source, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash >>> this.#shift) << 1; ; slot = (slot + 2) & mask) {
      const row = slots[slot + 1]! - 1;
      if (row < 0 || (slots[slot] === hash && this.#holds(row, source, start, end))) return row;
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

  /** Rows by ascending bytes of their keys: the same for the same contents. For snapshots; it allocates. */
  rowsInKeyOrder(): Uint32Array {
    const { bytes, starts, lengths } = this.keys;
    return Uint32Array.from({ length: this.rowCount }, (_, row) => row).sort((one, other) => {
      const shorter = Math.min(lengths[one]!, lengths[other]!);
      for (let at = 0; at < shorter; at++) {
        const difference = bytes[starts[one]! + at]! - bytes[starts[other]! + at]!;
        if (difference !== 0) return difference;
      }
      return lengths[one]! - lengths[other]!;
    });
  }

  get memoryBytes(): number {
    return this.columnBytes + this.keys.memoryBytes + this.#slots.byteLength;
  }

  #holds(row: number, source: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this.keys;
    if (this.keys.lengths[row] !== end - start) return false;
    const shift = this.keys.starts[row]! - start;
    for (let at = start; at < end; at++) if (bytes[at + shift] !== source[at]) return false;
    return true;
  }

  #insert(source: Uint8Array, start: number, end: number, hash: number, freeSlot: number): number {
    const row = this.rowCount;
    if (row === this.rowCapacity) {
      this.#resize(this.rowCapacity * 2);
      return this.rowFor(source, start, end);
    }
    this.keys.set(row, source, start, end);
    this.#slots[freeSlot] = hash;
    this.#slots[freeSlot + 1] = row + 1;
    this.rowCount = row + 1;
    return row;
  }

  #slotOf(row: number): number {
    const start = this.keys.starts[row]!;
    const hash = hashBytes(this.keys.bytes, start, start + this.keys.lengths[row]!);
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

/** Four bytes a step; the group's own hash takes one, and has its low bits in common within a group. */
function hashBytes(source: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | source[at]!;
  hash = Math.imul(hash ^ rest, 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
}
