/** The conditions of every ordered pair while they are being worked out: a delay and a set of features each. */
import type { Conditions, PairRule } from "./conditions.ts";
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
    const receivers = indexesOf(to, this);
    const changed = new Int32Array(this.#table.all.length).fill(-1);
    const { delayMs, addDelayMs = 0, ...others } = asked;
    const keepsFeatures = Object.keys(others).length === 0;
    for (const sender of indexesOf(from, this)) {
      for (const receiver of receivers) {
        if (sender === receiver) continue;
        const pair = sender * this.nodes.length + receiver;
        this.delayMs[pair] = (delayMs ?? this.delayMs[pair]!) + addDelayMs;
        if (keepsFeatures) continue;
        const below = this.features[pair]!;
        if (changed[below]! < 0)
          changed[below] = this.#table.numberOf(change(this.#table.all[below]!, others));
        this.features[pair] = changed[below]!;
      }
    }
  }

  /** Each distinct set of conditions once, and every pair's index into them. Entry 0 is: nothing asked. */
  intern(): { conditions: Conditions[]; pairs: Uint32Array } {
    const conditions: Conditions[] = [{ delayMs: 0 }];
    const numbers: (Map<number, number> | undefined)[] = [new Map([[0, 0]])];
    const pairs = new Uint32Array(this.delayMs.length);
    for (let pair = 0; pair < pairs.length; pair++) {
      const features = this.features[pair]!;
      const delayMs = Math.round(this.delayMs[pair]! * perMs) / perMs;
      const byDelay = (numbers[features] ??= new Map());
      let number = byDelay.get(delayMs);
      if (number === undefined) {
        number = conditions.push({ delayMs, ...this.#table.all[features]! }) - 1;
        byDelay.set(delayMs, number);
      }
      pairs[pair] = number;
    }
    return { conditions, pairs };
  }
}

/** Without repetitions: a node that a rule names twice must not get "+30ms" twice. */
function indexesOf(names: readonly string[], pairs: PairTable): number[] {
  return [...new Set(names.map((name) => pairs.indexOf(name)))];
}
