/**
 * Seeded random streams, one per ordered pair, so that one pair's traffic never changes what another draws.
 * The generator is sfc32 (Doty-Humphrey, PractRand): 16 bytes of state a stream and a few integer operations.
 */

export class PairRandom {
  /** Four words a stream: a, b, c and the counter. Zero counter: not seeded yet (memory stays untouched). */
  readonly #state: Int32Array;
  readonly #seed: number;

  constructor(seed: number, streams: number) {
    if (!Number.isFinite(seed)) throw new Error(`seed ${seed} is not a number`);
    this.#seed = seed;
    this.#state = new Int32Array(streams * 4);
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  next(stream: number): number {
    const state = this.#state;
    const at = stream * 4;
    if (state[at + 3] === 0) this.#start(stream);
    const a = state[at]!;
    const b = state[at + 1]!;
    const c = state[at + 2]!;
    const counter = state[at + 3]!;
    const drawn = (((a + b) | 0) + counter) | 0;
    state[at] = b ^ (b >>> 9);
    state[at + 1] = (c + (c << 3)) | 0;
    state[at + 2] = (((c << 21) | (c >>> 11)) + drawn) | 0;
    state[at + 3] = (counter + 1) | 0 || 1;
    return (drawn >>> 0) / 4294967296;
  }

  /** A whole number in [0, limit). */
  below(stream: number, limit: number): number {
    return Math.floor(this.next(stream) * limit);
  }

  #start(stream: number): void {
    const state = this.#state;
    const at = stream * 4;
    state[at] = mix((this.#seed | 0) ^ 0x5bd1e995);
    state[at + 1] = mix(Math.trunc(this.#seed / 4294967296) + Math.imul(stream, 0x9e3779b1));
    state[at + 2] = mix(stream ^ state[at]!);
    state[at + 3] = 1;
    // Neighbouring streams differ in few bits; sfc32's author asks for twelve rounds to spread them.
    for (let round = 0; round < 12; round++) this.next(stream);
  }
}

/** The finalizer of MurmurHash3: every input bit reaches every output bit. */
function mix(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
