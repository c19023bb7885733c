/**
 * Keyed state where keys are integers: an open-addressing index over rows of typed columns. No key, value or entry is
 * an object: a count per key takes 34 to 68 bytes, as the table is full, and a Map's 61. Whole columns of keys are looked
 * up in one loop, in which their memory accesses overlap.
 *
 * Linear probing with at most half of the slots in use, and deletion that shifts back what follows, so that no
 * tombstones gather while windows come and go. A slot holds a row number + 1, 0 if it is empty, and beside it the key
 * folded to 32 bits: where all keys are that short, as most are, a lookup does not go to the row at all.
 */
import { EngineError } from "../engine-error.ts";
import { resized } from "./byte-arena.ts";
import {
  fold,
  lookUpFloat64s,
  lookUpInt32s,
  putFloat64s,
  putInt32s,
  rowsMade,
  spread,
} from "./integer-slots.ts";
import { hashSafeInteger } from "./java-hash.ts";
import { keyGroupOf, keyGroupsOfSafeIntegers } from "./key-groups.ts";
import { leastRowCapacity, RowColumns, type RowShape } from "./row-columns.ts";

export type IntegerKeyType = "int32" | "integer" | "timestamp";

export class IntegerTable extends RowColumns {
  readonly kind = "integers";
  readonly keyType: IntegerKeyType;
  protected readonly maxParallelism: number;
  keys = new Float64Array(leastRowCapacity);
  /** Pairs of row number + 1 and folded key. */
  #slots = new Int32Array(leastRowCapacity * 4);
  /** Whether a key of more than 32 bits is, or was, in the table: then equal folds need not be equal keys. */
  #isWide = false;
  #shift = 32 - Math.log2(leastRowCapacity * 2);

  constructor(keyType: IntegerKeyType, shape: RowShape, maxParallelism: number) {
    super(shape);
    this.keyType = keyType;
    this.maxParallelism = maxParallelism;
  }

  /** The key's row, made if there is none; see `firstNew`. */
  rowFor(key: number): number {
    if (this.sealed) this.beginWriting();
    this.firstNew = this.rowCount;
    return this.#rowFor(key);
  }

  #rowFor(key: number): number {
    const slot = this.#slotFor(key);
    const row = this.#slots[slot]! - 1;
    return row < 0 ? this.#insert(key, slot) : row;
  }

  /** into[at] = the row of keys[at] for `from` <= at < `to`, made if there is none. */
  rowsFor(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    if (this.sealed) this.beginWriting();
    this.firstNew = this.rowCount;
    const known =
      keys instanceof Float64Array
        ? lookUpFloat64s(keys, from, to, into, this.#slots, this.keys, this.#shift, this.#isWide)
        : lookUpInt32s(keys, from, to, into, this.#slots, this.keys, this.#shift, this.#isWide);
    if (known < to) this.#put(keys, known, to, into);
  }

  /** As `rowsFor`, from the first key that has no row. Apart, since a loop that makes rows is slower where it finds all. */
  #put(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    const first = this.rowCount;
    try {
      for (let at = from; at < to; at++) {
        rowsMade[0] = this.rowCount;
        at =
          keys instanceof Float64Array
            ? putFloat64s(keys, at, to, into, this.#slots, this.keys, this.#shift, this.#isWide, rowsMade)
            : putInt32s(keys, at, to, into, this.#slots, this.keys, this.#shift, this.#isWide, rowsMade);
        this.rowCount = rowsMade[0]!;
        if (at < to) into[at] = this.#rowFor(keys[at]!);
      }
    } finally {
      this.#groupRows(first);
    }
  }

  /** Key groups of the rows from `first` on. */
  #groupRows(first: number): void {
    const { keys, keyGroups, rowCount } = this;
    if (this.keyType === "int32") {
      for (let row = first; row < rowCount; row++) keyGroups[row] = this.keyGroupOf(keys[row]!);
    } else {
      const count = rowCount - first;
      keyGroupsOfSafeIntegers(keys.subarray(first), count, this.maxParallelism, keyGroups.subarray(first));
    }
  }

  /** The key's row, or -1. */
  find(key: number): number {
    return this.#slots[this.#slotFor(key)]! - 1;
  }

  /** into[at] = the row of keys[at] for `from` <= at < `to`, or -1. */
  findAll(keys: Int32Array | Float64Array, from: number, to: number, into: Int32Array): void {
    for (let at = from; at < to; at++) {
      at =
        keys instanceof Float64Array
          ? lookUpFloat64s(keys, at, to, into, this.#slots, this.keys, this.#shift, this.#isWide)
          : lookUpInt32s(keys, at, to, into, this.#slots, this.keys, this.#shift, this.#isWide);
      if (at < to) into[at] = -1;
    }
  }

  /** Where the key is, or would be put. */
  #slotFor(key: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const folded = fold(key);
    const isChecked = this.#isWide || folded !== key;
    for (let slot = (spread(folded) >>> this.#shift) << 1; ; slot = (slot + 2) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0) return slot;
      if (slots[slot + 1] === folded && !(isChecked && this.keys[row] !== key)) return slot;
    }
  }

  /** Whether the key was there. */
  delete(key: number): boolean {
    const row = this.find(key);
    if (row < 0) return false;
    this.deleteRow(row);
    return true;
  }

  deleteRow(row: number): void {
    this.beginWriting();
    this.#vacate(this.#slotOf(row));
    const last = this.rowCount - 1;
    if (row !== last) {
      this.#slots[this.#slotOf(last)] = row + 1;
      this.keys[row] = this.keys[last]!;
    }
    this.removeRow(row);
    // An eighth, so that a table about the size of a limit does not grow and shrink by turns.
    if (this.rowCapacity > leastRowCapacity && this.rowCount * 8 < this.rowCapacity) {
      this.#resize(this.rowCapacity / 2);
    }
  }

  clear(): void {
    this.clearRows();
    this.keys = new Float64Array(leastRowCapacity);
    this.#isWide = false;
    this.#index(leastRowCapacity * 2);
  }

  recycle(): boolean {
    if (!this.isRecyclable) return false;
    this.recycleRows();
    this.#slots.fill(0);
    this.#isWide = false;
    return true;
  }

  get memoryBytes(): number {
    return this.columnBytes + this.keys.byteLength + this.#slots.byteLength;
  }

  protected unshareKeys(): void {
    this.keys = this.keys.slice();
  }

  /** Out of line, so that looking up a known key stays short enough to be inlined. */
  #insert(key: number, freeSlot: number): number {
    checkKey(key, this.keyType);
    const row = this.rowCount;
    if (row === this.rowCapacity) {
      this.#resize(this.rowCapacity * 2);
      return this.#rowFor(key);
    }
    this.keys[row] = key === 0 ? 0 : key; // -0 equals 0 and would be printed as another key.
    this.keyGroups[row] = this.keyGroupOf(key);
    const folded = fold(key);
    if (folded !== key) this.#isWide = true;
    this.#slots[freeSlot] = row + 1;
    this.#slots[freeSlot + 1] = folded;
    this.rowCount = row + 1;
    return row;
  }

  protected keyGroupOf(key: number): number {
    return keyGroupOf(this.keyType === "int32" ? key : hashSafeInteger(key), this.maxParallelism);
  }

  #slotOf(row: number): number {
    const mask = this.#slots.length - 1;
    let slot = (spread(fold(this.keys[row]!)) >>> this.#shift) << 1;
    while (this.#slots[slot] !== row + 1) slot = (slot + 2) & mask;
    return slot;
  }

  /** Empties a slot and moves up what had to go past it. */
  #vacate(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = slot;
    for (let next = (hole + 2) & mask; slots[next] !== 0; next = (next + 2) & mask) {
      const home = (spread(slots[next + 1]!) >>> this.#shift) << 1;
      if (((next - home) & mask) < ((next - hole) & mask)) continue; // Its home lies behind the hole.
      slots[hole] = slots[next]!;
      slots[hole + 1] = slots[next + 1]!;
      hole = next;
    }
    slots[hole] = 0;
  }

  #resize(rowCapacity: number): void {
    this.resizeRows(rowCapacity);
    this.keys = resized(this.keys, new Float64Array(rowCapacity));
    this.#index(rowCapacity * 2);
  }

  #index(slotCount: number): void {
    const slots = new Int32Array(slotCount * 2);
    const mask = slots.length - 1;
    this.#slots = slots;
    this.#shift = 32 - Math.log2(slotCount);
    for (let row = 0; row < this.rowCount; row++) {
      const folded = fold(this.keys[row]!);
      let slot = (spread(folded) >>> this.#shift) << 1;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = row + 1;
      slots[slot + 1] = folded;
    }
  }
}

/** Only on insertion: a key that is none is never found, so it gets here. */
function checkKey(key: number, keyType: IntegerKeyType): void {
  if (keyType === "int32" ? (key | 0) === key : Number.isSafeInteger(key)) return;
  const range =
    keyType === "int32" ? "an int32 (-2147483648 to 2147483647)" : "a safe integer (-(2^53 - 1) to 2^53 - 1)";
  throw new EngineError("bad-key", `${key} cannot be a key of state`, `a key of type ${keyType} is ${range}`);
}
