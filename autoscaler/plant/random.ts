/** Seeded draws for plants: the same seed makes the same world and the same noise. */

export type Random = {
  /** From 0 to 1, without 1. */
  uniform(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
};

/** splitmix32 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014, at 32 bits). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
