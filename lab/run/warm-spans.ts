/**
 * Whether a job that is worked hard is warm, from spans of what it took and of what a record cost its dearest node. A weak
 * node compiles for a minute or two; where others are warm already, what all take together hardly shows it, and goes by the
 * slowest all the same. Pure.
 */

/** What a node did in a look: records that came to its seats, and the part of its processor that was used, per second. */
export type NodeWork = { readonly records: number; readonly cpu: number };
export type Work = Readonly<Record<string, NodeWork>>;

/** From two spans to the next: a job that gains more is still getting warm. With windows that fire, spans differ by some percent anyway. */
const gainMax = 0.02;
/** From two spans to the next two: a record that gets cheaper by more is not yet as cheap as it will be. */
const cheaperMax = 0.03;
/** Too few spans in which the job was saturated say nothing. */
const spansLeast = 3;
const spansOfCosts = 4;

export class WarmSpans {
  readonly #taken: number[] = [];
  /** By span; undefined where it is not known. */
  readonly #costs: (number | undefined)[] = [];

  /** What was taken in each. */
  get taken(): readonly number[] {
    return this.#taken;
  }

  get isSteady(): boolean {
    return !this.#isGaining() && !this.#isGettingCheaper();
  }

  add(taken: number, looks: readonly (Work | undefined)[]): void {
    this.#taken.push(taken);
    this.#costs.push(dearest(looks));
  }

  clear(): void {
    this.#taken.length = 0;
    this.#costs.length = 0;
  }

  #isGaining(): boolean {
    if (this.#taken.length < spansLeast) return true;
    const [one, other, last] = this.#taken.slice(-3) as [number, number, number];
    return last > ((one + other) / 2) * (1 + gainMax);
  }

  #isGettingCheaper(): boolean {
    const costs = this.#costs.slice(-spansOfCosts);
    if (costs.includes(undefined)) return false;
    if (costs.length < spansOfCosts) return true;
    const [first, second, third, last] = costs as [number, number, number, number];
    return third + last < (first + second) * (1 - cheaperMax);
  }
}

/** What a record cost the node that it cost most. */
function dearest(looks: readonly (Work | undefined)[]): number | undefined {
  const sums = new Map<string, { records: number; cpu: number }>();
  for (const look of looks) {
    for (const [node, { records, cpu }] of Object.entries(look ?? {})) {
      const sum = sums.get(node) ?? { records: 0, cpu: 0 };
      sums.set(node, { records: sum.records + records, cpu: sum.cpu + cpu });
    }
  }
  const costs = [...sums.values()]
    .filter(({ records }) => records > 0)
    .map(({ records, cpu }) => cpu / records);
  return costs.length === 0 ? undefined : Math.max(...costs);
}
