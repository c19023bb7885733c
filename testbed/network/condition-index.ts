/**
 * Numbers for pairs of (delay, features), each pair once. A full matrix brings 250,000 different delays: open
 * addressing over typed arrays takes a third of the time of Maps, which box every delay.
 */
export class ConditionIndex {
  #capacity = 1 << 10;
  #delays = new Float64Array(this.#capacity);
  #features = new Uint32Array(this.#capacity);
  /** Number + 1; 0 where a place is free. */
  #numbers = new Uint32Array(this.#capacity);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** The pair's number; equal to the size before the call when the pair is new. */
  numberOf(delayMs: number, features: number): number {
    let place = this.#placeOf(delayMs, features);
    if (this.#numbers[place]! > 0) return this.#numbers[place]! - 1;
    if (2 * this.#count >= this.#capacity) {
      this.#grow();
      place = this.#placeOf(delayMs, features);
    }
    this.#delays[place] = delayMs;
    this.#features[place] = features;
    this.#numbers[place] = ++this.#count;
    return this.#count - 1;
  }

  /** Where the pair is, or the free place where it belongs. */
  #placeOf(delayMs: number, features: number): number {
    const mask = this.#capacity - 1;
    let place = hash(delayMs, features) & mask;
    while (this.#numbers[place]! > 0) {
      if (this.#delays[place] === delayMs && this.#features[place] === features) return place;
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const [delays, features, numbers] = [this.#delays, this.#features, this.#numbers];
    this.#capacity *= 4;
    this.#delays = new Float64Array(this.#capacity);
    this.#features = new Uint32Array(this.#capacity);
    this.#numbers = new Uint32Array(this.#capacity);
    for (let old = 0; old < numbers.length; old++) {
      const number = numbers[old]!;
      if (number === 0) continue;
      const place = this.#placeOf(delays[old]!, features[old]!);
      this.#delays[place] = delays[old]!;
      this.#features[place] = features[old]!;
      this.#numbers[place] = number;
    }
  }
}

/** Delays are whole nanoseconds: both halves of that number are mixed (constants of MurmurHash3's finalizer). */
function hash(delayMs: number, features: number): number {
  const ns = Math.round(delayMs * 1e6);
  let mixed = (ns | 0) ^ Math.imul((ns / 2 ** 32) | 0, 0x9e3779b1) ^ Math.imul(features + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
