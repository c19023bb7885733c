/**
 * From record numbers to draws that look random and are the same in every run: what a generated record holds depends
 * on its number and the seed alone, so a restored source makes the same records again.
 */

/** 32 well mixed bits of 32 (two rounds of multiply and shift, constants found by search: "lowbias32" of C. Wellons). */
export function mix(word: number): number {
  let bits = word ^ (word >>> 16);
  bits = Math.imul(bits, 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}

const words = 2 ** 32;

/**
 * Calls `fill` with runs of numbers whose high halves are the same: it can count in 32-bit integers, from
 * `low + salt` on. A stream of draws is told from another by its salt.
 */
export function inWords(
  first: number,
  count: number,
  seed: number,
  fill: (done: number, low: number, salt: number, run: number) => void,
): void {
  for (let done = 0; done < count; ) {
    const number = first + done;
    const high = Math.floor(number / words);
    const low = number - high * words;
    const run = Math.min(count - done, words - low);
    fill(done, low | 0, mix(high ^ Math.imul(seed, 0x9e3779b1)), run);
    done += run;
  }
}
