/**
 * The one instance of the generator's WebAssembly code. Its state lasts from a `seed` to the last draw of that event;
 * whoever draws seeds first, so users cannot disturb one another.
 */

import { instantiate } from "../../wasm/module.ts";
import { kernelModule } from "./kernel-code.ts";
import {
  auctionAt,
  bidderAt,
  chunkEvents,
  extraOffsetsAt,
  powerTableAt,
  powerTableBits,
  priceAt,
  textAt,
  tripleModulus,
  tripleZeroAt,
} from "./kernel-layout.ts";

type Kernel = {
  memory: { buffer: ArrayBuffer };
  /** new Random(event) */
  seed(event: number): void;
  nextInt(bound: number): number;
  /** round(10^(nextDouble()·6)·100), an amount in cents. */
  nextPrice(): number;
  /** Writes letters to the memory from one address to another; up to 13 bytes after it may change. */
  letters(from: number, to: number): void;
  /** Writes `count` letters and spaces, trimmed, to the memory; returns the address after them. */
  words(at: number, count: number): number;
  /** Draws the bids among events; `needed` is 0 to 3 for auction, bidder, price, extra. Returns the rows. */
  bids(first: number, events: number, needed: number): number;
};

export const kernel = instantiate(kernelModule(), {
  exactPrice: (unit) => Math.round(10 ** (unit * 6) * 100),
}) as Kernel;

const { buffer } = kernel.memory;
export const memory = new Uint8Array(buffer);
export const bidScratch = {
  auction: new Float64Array(buffer, auctionAt, chunkEvents),
  bidder: new Float64Array(buffer, bidderAt, chunkEvents),
  price: new Float64Array(buffer, priceAt, chunkEvents),
  /** From the start of `text`. */
  extraOffsets: new Int32Array(buffer, extraOffsetsAt, chunkEvents + 1),
  text: new Uint8Array(buffer, textAt),
};

const powers = 2 ** powerTableBits;
const powerTable = new Float64Array(buffer, powerTableAt, powers);
for (let index = 0; index < powers; index++) powerTable[index] = 10 ** ((6 * index) / powers) * 100;

// Java's remainder keeps the sign, so half of the draws give letters from "H" to "a": capitals and punctuation.
const firstLetter = "a".charCodeAt(0);
for (let remainder = 1 - tripleModulus; remainder < tripleModulus; remainder++) {
  const at = tripleZeroAt + 4 * remainder;
  memory[at] = firstLetter + (remainder % 26);
  memory[at + 1] = firstLetter + (Math.trunc(remainder / 26) % 26);
  memory[at + 2] = firstLetter + Math.trunc(remainder / 676);
}
