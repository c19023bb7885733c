/** Seeded randomness: the same seed gives the same choices on every machine. */

export type Random = {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
};

/** mulberry32: 32 bits of state are plenty for a few thousand draws, and it is four lines to check. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
}

/** `count` different ones of `items`, in their old order (partial Fisher–Yates over the indexes). */
export function sample<Item>(items: readonly Item[], count: number, random: Random): Item[] {
  const indexes = items.map((_, index) => index);
  for (let place = 0; place < Math.min(count, items.length); place++) {
    const other = place + random.below(items.length - place);
    [indexes[place], indexes[other]] = [indexes[other]!, indexes[place]!];
  }
  return indexes
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((index) => items[index]!);
}

/** In place. */
export function shuffle<Item>(items: Item[], random: Random): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = random.below(last + 1);
    [items[last], items[chosen]] = [items[chosen]!, items[last]!];
  }
  return items;
}
