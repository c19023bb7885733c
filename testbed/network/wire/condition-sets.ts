/**
 * The conditions that some pair feels, each distinct set once, as flat columns that a packet reads by number.
 * A set lives as long as a pair holds it: events that change conditions for days leave nothing behind.
 */
import type { Conditions } from "#testbed/network/conditions.ts";
import { type JitterShape, jitterShape } from "./jitter-shape.ts";

/** What a packet must be put through besides delay; 0 for most sets, and then it is through with one look. */
export const impairment = { cut: 1, mtu: 2, loss: 4, burstLoss: 8, corrupt: 16, duplicate: 32 } as const;

/** Set 0: what pairs feel that the network does not know (a node number that is not in use). */
const cutSet = 0;

export class ConditionSets {
  #count = 1;
  readonly #unused: number[] = [];
  readonly #numbers = new Map<Conditions, number>();
  readonly #holders: number[] = [1];
  /** `conditions[set]` is where the columns came from; undefined for set 0 and numbers not in use. */
  readonly conditions: (Conditions | undefined)[] = [undefined];
  readonly jitter: (JitterShape | undefined)[] = [undefined];

  impairments = new Uint8Array(16).fill(impairment.cut, 0, 1);
  delayNs = new Float64Array(16);
  /** 1: each packet draws its own jitter and may overtake. */
  reorders = new Uint8Array(16);
  mtuBytes = new Float64Array(16);
  /** Of `loss`; for `burstLoss`: enter, leave, and the ratios of both states. */
  lossRatio = new Float64Array(16);
  burstEnter = new Float64Array(16);
  burstLeave = new Float64Array(16);
  burstLossGood = new Float64Array(16);
  burstLossBad = new Float64Array(16);
  corruptRatio = new Float64Array(16);
  duplicateRatio = new Float64Array(16);

  /** The set's number. The caller holds it once more; `release` gives it back. */
  hold(conditions: Conditions): number {
    const known = this.#numbers.get(conditions);
    if (known !== undefined) {
      this.#holders[known]!++;
      return known;
    }
    const set = this.#unused.pop() ?? this.#count++;
    if (set >= this.delayNs.length) this.#grow();
    this.#numbers.set(conditions, set);
    this.#holders[set] = 1;
    this.#fill(set, conditions);
    return set;
  }

  release(set: number): void {
    if (set === cutSet || --this.#holders[set]! > 0) return;
    this.#numbers.delete(this.conditions[set]!);
    this.conditions[set] = undefined;
    this.jitter[set] = undefined;
    this.#unused.push(set);
  }

  /** Sets in use, set 0 included. */
  get size(): number {
    return this.#count - this.#unused.length;
  }

  #fill(set: number, conditions: Conditions): void {
    const { loss, jitter } = conditions;
    this.conditions[set] = conditions;
    this.jitter[set] = jitter && jitterShape(jitter);
    this.impairments[set] = impairmentsOf(conditions);
    this.delayNs[set] = conditions.delayMs * 1e6;
    this.reorders[set] = jitter?.reorder ? 1 : 0;
    this.mtuBytes[set] = conditions.mtuBytes ?? 0;
    this.lossRatio[set] = loss?.model === "random" ? loss.ratio : 0;
    if (loss?.model === "bursts") {
      this.burstEnter[set] = loss.enter;
      this.burstLeave[set] = loss.leave;
      this.burstLossGood[set] = loss.lossGood;
      this.burstLossBad[set] = loss.lossBad;
    }
    this.corruptRatio[set] = conditions.corruptRatio ?? 0;
    this.duplicateRatio[set] = conditions.duplicateRatio ?? 0;
  }

  #grow(): void {
    const room = this.delayNs.length * 2;
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(room);
      larger.set(old);
      return larger;
    };
    const bytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const larger = new Uint8Array(room);
      larger.set(old);
      return larger;
    };
    this.impairments = bytes(this.impairments);
    this.delayNs = floats(this.delayNs);
    this.reorders = bytes(this.reorders);
    this.mtuBytes = floats(this.mtuBytes);
    this.lossRatio = floats(this.lossRatio);
    this.burstEnter = floats(this.burstEnter);
    this.burstLeave = floats(this.burstLeave);
    this.burstLossGood = floats(this.burstLossGood);
    this.burstLossBad = floats(this.burstLossBad);
    this.corruptRatio = floats(this.corruptRatio);
    this.duplicateRatio = floats(this.duplicateRatio);
  }
}

function impairmentsOf(conditions: Conditions): number {
  const { cut, mtuBytes, loss, corruptRatio, duplicateRatio } = conditions;
  return (
    (cut ? impairment.cut : 0) |
    (mtuBytes !== undefined ? impairment.mtu : 0) |
    (loss?.model === "random" && loss.ratio > 0 ? impairment.loss : 0) |
    (loss?.model === "bursts" ? impairment.burstLoss : 0) |
    (corruptRatio ? impairment.corrupt : 0) |
    (duplicateRatio ? impairment.duplicate : 0)
  );
}
