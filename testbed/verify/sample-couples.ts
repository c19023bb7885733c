/**
 * Which pairs to measure when not all of them fit the time: couples (both directions of two nodes) at random, but so
 * that every distinct set of conditions and every node comes up as far as the number allows.
 */
import { type Random, shuffle } from "#testbed/seeded-random.ts";

/** Two nodes, and what each direction feels as a number that equal conditions share. */
export type Couple = { a: number; b: number; forward: number; back: number };

export type Coverage = { nodes: number; nodesOfAll: number; sets: number; setsOfAll: number };

export function sampleCouples(couples: readonly Couple[], count: number, random: Random): Couple[] {
  if (count >= couples.length) return [...couples];
  const shuffled = shuffle([...couples], random);
  const chosen = new Set<Couple>();
  const take = (enough: number, isNew: (couple: Couple) => boolean, note: (couple: Couple) => void) => {
    for (const couple of chosen) note(couple);
    for (const couple of shuffled) {
      if (chosen.size >= enough) return;
      if (chosen.has(couple) || !isNew(couple)) continue;
      chosen.add(couple);
      note(couple);
    }
  };
  // Every node first: conditions may be as many as pairs, and would leave no place for the rest.
  const nodes = new Set<number>();
  take(
    count,
    ({ a, b }) => !nodes.has(a) && !nodes.has(b),
    ({ a, b }) => nodes.add(a).add(b),
  );
  take(
    count,
    ({ a, b }) => !nodes.has(a) || !nodes.has(b),
    ({ a, b }) => nodes.add(a).add(b),
  );
  const sets = new Set<number>();
  take(
    count,
    ({ forward, back }) => !sets.has(forward) || !sets.has(back),
    ({ forward, back }) => sets.add(forward).add(back),
  );
  take(
    count,
    () => true,
    () => undefined,
  );
  return couples.filter((couple) => chosen.has(couple));
}

export function coverageOf(all: readonly Couple[], chosen: readonly Couple[]): Coverage {
  const nodes = (couples: readonly Couple[]) => new Set(couples.flatMap(({ a, b }) => [a, b])).size;
  const sets = (couples: readonly Couple[]) =>
    new Set(couples.flatMap(({ forward, back }) => [forward, back])).size;
  return { nodes: nodes(chosen), nodesOfAll: nodes(all), sets: sets(chosen), setsOfAll: sets(all) };
}
