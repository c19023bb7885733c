/** The columns of generated records, filled for runs of record numbers at some hundred million values a second. */
import { inWords, mix } from "./mix.ts";
import { type SkewTable, skewTable } from "./skew.ts";

/** Draws for different purposes must not be the same bits. */
const salts = { alias: 0x2c1b3c6d, time: 0x297a2d39 };
const perWord = 2 ** -32;

/** Fills rows [row, row + count) with the keys of records [first, first + count). */
export type FillKeys = (into: Int32Array, row: number, first: number, count: number) => void;

/** Keys are 0 to `keys` - 1: all alike for exponent 0, else with key k as likely as 1 / (k + 1)^exponent. */
export function keysOf(keys: number, exponent: number, seed: number): FillKeys {
  const table = exponent === 0 ? undefined : skewTable(keys, exponent);
  return (into, row, first, count) =>
    inWords(first, count, seed, (done, low, salt, run) => {
      if (table === undefined) fillUniform(into, row + done, low, salt, run, keys);
      else fillSkewed(into, row + done, low, salt, run, table);
    });
}

function fillUniform(
  into: Int32Array,
  row: number,
  low: number,
  salt: number,
  run: number,
  keys: number,
): void {
  // Multiplying with the fraction keys / 2^32 instead of dividing: both are exact, and this is several times faster.
  const scale = keys * perWord;
  for (let at = 0; at < run; at++) into[row + at] = (mix((low + at) ^ salt) >>> 0) * scale;
}

function fillSkewed(
  into: Int32Array,
  row: number,
  low: number,
  salt: number,
  run: number,
  { share, alias }: SkewTable,
): void {
  const scale = share.length * perWord;
  for (let at = 0; at < run; at++) {
    const draw = mix((low + at) ^ salt);
    const key = Math.floor((draw >>> 0) * scale);
    into[row + at] = (mix(draw ^ salts.alias) >>> 0) * perWord < share[key]! ? key : alias[key]!;
  }
}

export function fillNumbers(into: Float64Array, row: number, first: number, count: number): void {
  for (let at = 0; at < count; at++) into[row + at] = first + at;
}

/** Event times at a steady rate. */
export function fillSteadyTimes(
  into: Float64Array,
  row: number,
  first: number,
  count: number,
  recordsPerMs: number,
): void {
  for (let at = 0; at < count; at++) into[row + at] = Math.floor((first + at) / recordsPerMs);
}

/** Makes times older by 0 to `mostMs`, so that records are out of order. */
export function disorder(
  times: Float64Array,
  row: number,
  first: number,
  count: number,
  mostMs: number,
  seed: number,
): void {
  const scale = (mostMs + 1) * perWord;
  inWords(first, count, seed, (done, low, salt, run) => {
    for (let at = 0; at < run; at++) {
      times[row + done + at]! -= Math.floor((mix((low + at) ^ salt ^ salts.time) >>> 0) * scale);
    }
  });
}

/** Letters that look random, the same for every record: a payload is there to be carried, not to be read. */
export function payloadBytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 97 + Math.floor((mix(at ^ mix(seed)) >>> 0) * 26 * perWord));
}
