/** The conditions of every ordered pair while they are being worked out: a delay and a set of features each. */
import { ConditionIndex } from "./condition-index.ts";
import type { ConditionChange, Conditions, PairRule } from "./conditions.ts";
import { change, type FeatureTable } from "./features.ts";

const perMs = 1e6; // Nanoseconds: sums of delays are rounded to them, or 0.1 + 0.2 would be a set of its own.

export class PairTable {
  readonly nodes: readonly string[];
  readonly delayMs: Float64Array;
  readonly features: Uint32Array;
  readonly #table: FeatureTable;
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(nodes: readonly string[], table: FeatureTable, from?: PairTable) {
    this.nodes = nodes;
    this.#table = table;
    this.#indexes = from ? from.#indexes : new Map(nodes.map((name, index) => [name, index]));
    this.delayMs = from ? from.delayMs.slice() : new Float64Array(nodes.length ** 2);
    this.features = from ? from.features.slice() : new Uint32Array(nodes.length ** 2);
  }

  copy(): PairTable {
    return new PairTable(this.nodes, this.#table, this);
  }

  indexOf(node: string): number {
    const index = this.#indexes.get(node);
    if (index === undefined) throw new Error(`a rule names ${node}, which is no node of this network`);
    return index;
  }

  /** Lays one rule on top of what is there. */
  apply({ from, to, change: asked }: PairRule): void {
    const [senders, receivers] = [indexesOf(from, this), indexesOf(to, this)];
    const { delayMs, addDelayMs = 0, ...others } = asked;
    if (delayMs !== undefined || addDelayMs !== 0) this.#applyDelay(senders, receivers, delayMs, addDelayMs);
    if (Object.keys(others).length > 0) this.#applyFeatures(senders, receivers, others);
  }

  // Plain loops over local names, and ways to itself reset afterwards instead of looked for: wildcard rules of
  // 500 nodes pass here a million times before the lab is up.
  #applyDelay(senders: Int32Array, receivers: Int32Array, delayMs: number | undefined, addMs: number): void {
    const [delays, size] = [this.delayMs, this.nodes.length];
    const fixedMs = (delayMs ?? 0) + addMs;
    for (let i = 0; i < senders.length; i++) {
      const row = senders[i]! * size;
      if (delayMs === undefined) {
        for (let j = 0; j < receivers.length; j++) delays[row + receivers[j]!]! += addMs;
      } else {
        for (let j = 0; j < receivers.length; j++) delays[row + receivers[j]!] = fixedMs;
      }
      delays[row + senders[i]!] = 0;
    }
  }

  #applyFeatures(senders: Int32Array, receivers: Int32Array, asked: ConditionChange): void {
    const [features, size, table] = [this.features, this.nodes.length, this.#table];
    const changed = new Int32Array(table.all.length).fill(-1);
    for (let i = 0; i < senders.length; i++) {
      const row = senders[i]! * size;
      for (let j = 0; j < receivers.length; j++) {
        const below = features[row + receivers[j]!]!;
        if (changed[below]! < 0) changed[below] = table.numberOf(change(table.all[below]!, asked));
        features[row + receivers[j]!] = changed[below]!;
      }
      features[row + senders[i]!] = 0;
    }
  }

  /** Each distinct set of conditions once, and every pair's index into them. Entry 0 is: nothing asked. */
  intern(): { conditions: Conditions[]; pairs: Uint32Array } {
    const conditions: Conditions[] = [{ delayMs: 0 }];
    const index = new ConditionIndex();
    index.numberOf(0, 0);
    const [delays, features, all] = [this.delayMs, this.features, this.#table.all];
    const pairs = new Uint32Array(delays.length);
    for (let pair = 0; pair < pairs.length; pair++) {
      const delayMs = Math.round(delays[pair]! * perMs) / perMs;
      const number = index.numberOf(delayMs, features[pair]!);
      if (number === conditions.length) conditions.push({ delayMs, ...all[features[pair]!]! });
      pairs[pair] = number;
    }
    return { conditions, pairs };
  }
}

/** Without repetitions: a node that a rule names twice must not get "+30ms" twice. */
function indexesOf(names: readonly string[], pairs: PairTable): Int32Array {
  return Int32Array.from(new Set(names.map((name) => pairs.indexOf(name))));
}
