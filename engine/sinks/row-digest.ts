/**
 * A number for the rows that came by, whatever their order and batches: the sum of a hash of each. Two runs whose
 * digests are equal had the same rows, as far as 64 bits can tell.
 */
import type { Batch, Column } from "../records/batch.ts";

const words = 2 ** 32;

export class RowDigest {
  rows = 0;
  #low = 0;
  #high = 0;
  #hashes = new Int32Array(0);
  #others = new Int32Array(0);

  add(batch: Batch): void {
    const { rowCount } = batch;
    if (this.#hashes.length < rowCount) {
      this.#hashes = new Int32Array(rowCount * 2);
      this.#others = new Int32Array(rowCount * 2);
    }
    this.#hashes.fill(0x243f6a88, 0, rowCount);
    this.#others.fill(0x13198a2e, 0, rowCount);
    for (const [index, column] of batch.columns.entries()) {
      hashColumn(column, rowCount, this.#hashes, this.#others);
      const valid = batch.valid[index];
      if (valid) hashColumn(valid, rowCount, this.#hashes, this.#others);
    }
    this.#sum(rowCount);
  }

  #sum(rowCount: number): void {
    let low = 0;
    let high = 0;
    for (let row = 0; row < rowCount; row++) {
      low += finish(this.#hashes[row]!) >>> 0;
      high += finish(this.#others[row]!) >>> 0;
    }
    this.#low = (this.#low + low) % words;
    this.#high = (this.#high + high) % words;
    this.rows += rowCount;
  }

  /** Adds what another one saw. */
  merge([rows, low, high]: readonly [number, number, number]): void {
    this.rows += rows;
    this.#low = (this.#low + low) % words;
    this.#high = (this.#high + high) % words;
  }

  get parts(): [rows: number, low: number, high: number] {
    return [this.rows, this.#low, this.#high];
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return [this.#high, this.#low].map((part) => part.toString(16).padStart(8, "0")).join("");
  }
}

function hashColumn(column: Column, rowCount: number, hashes: Int32Array, others: Int32Array): void {
  if (column instanceof Float64Array) hashDoubles(column, rowCount, hashes, others);
  else if ("offsets" in column) {
    const { bytes, offsets } = column;
    for (let row = 0; row < rowCount; row++)
      hashBytes(bytes, offsets[row]!, offsets[row + 1]!, row, hashes, others);
  } else {
    for (let row = 0; row < rowCount; row++) {
      hashes[row] = mixed(hashes[row]! ^ column[row]!);
      others[row] = Math.imul(others[row]! + column[row]!, 0x9e3779b1);
    }
  }
}

const halves = new Int32Array(2);
const double = new Float64Array(halves.buffer);

function hashDoubles(column: Float64Array, rowCount: number, hashes: Int32Array, others: Int32Array): void {
  for (let row = 0; row < rowCount; row++) {
    double[0] = column[row]!;
    const one = halves[0]!;
    const two = halves[1]!;
    hashes[row] = mixed(hashes[row]! ^ one ^ Math.imul(two, 0x85ebca6b));
    others[row] = Math.imul(others[row]! + (one ^ Math.imul(two, 0xc2b2ae35)), 0x9e3779b1);
  }
}

function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  row: number,
  hashes: Int32Array,
  others: Int32Array,
): void {
  // The length as well, so that neighbouring texts cannot lend each other letters.
  let hash = hashes[row]! ^ (end - start);
  let other = others[row]! + (end - start);
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    other = Math.imul(other + bytes[at]!, 0x9e3779b1);
  }
  hashes[row] = mixed(hash);
  others[row] = other ^ (other >>> 15);
}

function mixed(hash: number): number {
  const bits = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return bits ^ (bits >>> 13);
}

function finish(hash: number): number {
  const bits = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return bits ^ (bits >>> 15);
}
