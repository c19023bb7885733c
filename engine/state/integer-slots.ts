/**
 * The index of a table of integer keys: where a key's slot is, and whole columns of keys looked up in one loop. A slot is
 * a pair of row number + 1 and the key folded to 32 bits.
 */
import { specialise } from "../records/specialise.ts";

/** The key itself if it has no more than 32 bits. */
export function fold(key: number): number {
  const low = key | 0;
  return low === key ? low : low ^ Math.imul(Math.floor(key * 2 ** -32), 0x85ebca6b);
}

/**
 * 32 bits of which the highest choose the slot (Fibonacci hashing: 2^32 over the golden ratio, made odd). Not the
 * hash of the key group: a subtask's keys have some of those bits in common.
 */
export function spread(folded: number): number {
  return Math.imul(folded ^ (folded >>> 15), 0x9e3779b1);
}

/** Rows of the keys from `from` on, up to the first that has none; returns where that is. `fold` and `spread` are written out. */
function lookUp(
  keys: Int32Array | Float64Array,
  from: number,
  to: number,
  into: Int32Array,
  slots: Int32Array,
  rowKeys: Float64Array,
  shift: number,
  isWide: boolean,
): number {
  const mask = slots.length - 1;
  for (let at = from; at < to; at++) {
    const key = keys[at]!;
    const low = key | 0;
    const folded = low === key ? low : low ^ Math.imul(Math.floor(key * 2 ** -32), 0x85ebca6b);
    let slot = (Math.imul(folded ^ (folded >>> 15), 0x9e3779b1) >>> shift) << 1;
    let row = slots[slot]! - 1;
    while (row >= 0 && (slots[slot + 1] !== folded || ((isWide || low !== key) && rowKeys[row] !== key))) {
      slot = (slot + 2) & mask;
      row = slots[slot]! - 1;
    }
    if (row < 0) return at;
    into[at] = row;
  }
  return to;
}

/**
 * Rows of the keys from `from` on, made where there are none, up to the first that does not fit in or needs a closer look;
 * returns where that is. `rowsMade` holds the table's number of rows. New rows lack their key groups.
 */
function put(
  keys: Int32Array | Float64Array,
  from: number,
  to: number,
  into: Int32Array,
  slots: Int32Array,
  rowKeys: Float64Array,
  shift: number,
  isWide: boolean,
  rowsMade: Int32Array,
): number {
  const mask = slots.length - 1;
  const capacity = rowKeys.length;
  let rows = rowsMade[0]!;
  let at = from;
  for (; at < to; at++) {
    const key = keys[at]!;
    const low = key | 0;
    const folded = low === key ? low : low ^ Math.imul(Math.floor(key * 2 ** -32), 0x85ebca6b);
    let slot = (Math.imul(folded ^ (folded >>> 15), 0x9e3779b1) >>> shift) << 1;
    let row = slots[slot]! - 1;
    while (row >= 0 && (slots[slot + 1] !== folded || ((isWide || low !== key) && rowKeys[row] !== key))) {
      slot = (slot + 2) & mask;
      row = slots[slot]! - 1;
    }
    if (row < 0) {
      if (rows === capacity || (low !== key && !(isWide && Number.isSafeInteger(key)))) break;
      row = rows++;
      rowKeys[row] = low === key ? low : key;
      slots[slot] = rows;
      slots[slot + 1] = folded;
    }
    into[at] = row;
  }
  rowsMade[0] = rows;
  return at;
}

/** A copy for each kind of column, as a loop that sees both is slower for both. */
export const lookUpFloat64s = specialise(lookUp);
export const lookUpInt32s = specialise(lookUp);
export const putFloat64s = specialise(put);
export const putInt32s = specialise(put);
/** For `put`: a second result without an object. */
export const rowsMade = new Int32Array(1);
