/** What a pair feels besides its delay: laying changes on top, putting links in a row, keeping each set once. */
import type { ConditionChange, Conditions, Jitter, Loss } from "./conditions.ts";

/** Conditions without the delay: a matrix has a delay for every pair, but few sets of the rest. */
export type Features = Omit<Conditions, "delayMs">;

/** Properties that the change has replace those below. What asks for nothing (loss of 0%) is left out. */
export function change(below: Features, { delayMs: _, addDelayMs: __, ...asked }: ConditionChange): Features {
  return withoutNothing({ ...below, ...asked });
}

/** What a packet feels that passes both: the way so far, then one more link. */
export function inRow(first: Features, second: Features): Features {
  const row: Features = { ...first, ...second };
  if (first.jitter && second.jitter) row.jitter = summedJitter(first.jitter, second.jitter);
  if (first.loss && second.loss) row.loss = summedLoss(first.loss, second.loss);
  const duplicateRatio = either(first.duplicateRatio, second.duplicateRatio);
  if (duplicateRatio > 0) row.duplicateRatio = duplicateRatio;
  const corruptRatio = either(first.corruptRatio, second.corruptRatio);
  if (corruptRatio > 0) row.corruptRatio = corruptRatio;
  if (first.mtuBytes && second.mtuBytes) row.mtuBytes = Math.min(first.mtuBytes, second.mtuBytes);
  return row;
}

/** Keeps each distinct set of features once, under a number. Number 0 is: nothing asked. */
export class FeatureTable {
  readonly all: Features[] = [{}];
  readonly #numbers = new Map<string, number>([[keyOf({}), 0]]);

  numberOf(features: Features): number {
    const key = keyOf(features);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.all.length);
    return this.all.push(features) - 1;
  }
}

function keyOf(features: Features): string {
  const { jitter, loss, duplicateRatio, corruptRatio, rateBitsPerSecond, queue, mtuBytes, cut } = features;
  const lossKey =
    loss && (loss.model === "random" ? [loss.ratio] : [loss.enter, loss.leave, loss.lossGood, loss.lossBad]);
  return JSON.stringify([
    jitter && [jitter.spreadMs, jitter.distribution, jitter.reorder, jitter.offsetsMs],
    lossKey,
    duplicateRatio,
    corruptRatio,
    rateBitsPerSecond,
    queue && [queue.limitBytes, queue.discipline, queue.ecn],
    mtuBytes,
    cut,
  ]);
}

function withoutNothing(features: Features): Features {
  const kept = { ...features };
  if (kept.jitter && isStill(kept.jitter)) delete kept.jitter;
  if (kept.loss && meanLoss(kept.loss) === 0) delete kept.loss;
  if (!kept.duplicateRatio) delete kept.duplicateRatio;
  if (!kept.corruptRatio) delete kept.corruptRatio;
  if (!kept.cut) delete kept.cut;
  return kept;
}

function isStill({ spreadMs, distribution }: Jitter): boolean {
  return spreadMs === 0 && distribution !== "trace";
}

/** Variances of independent delays add. A sum of several is close to normal, whatever its parts were. */
function summedJitter(first: Jitter, second: Jitter): Jitter {
  const spreadMs = Math.hypot(deviationMs(first), deviationMs(second));
  return { spreadMs, distribution: "normal", reorder: first.reorder || second.reorder };
}

function deviationMs({ spreadMs, distribution }: Jitter): number {
  return distribution === "uniform" ? spreadMs / Math.sqrt(3) : spreadMs;
}

/**
 * 1 - (1 - a)(1 - b), exact as long as at most one of the two loses in bursts. Two chains would need four
 * states: there the one that loses less counts with its mean, as if it lost packets one by one.
 */
function summedLoss(first: Loss, second: Loss): Loss {
  if (first.model === "random" && second.model === "random") {
    return { model: "random", ratio: either(first.ratio, second.ratio) };
  }
  const [bursty, other] =
    first.model === "bursts" && (second.model === "random" || meanLoss(first) >= meanLoss(second))
      ? [first, second]
      : [second, first];
  if (bursty.model === "random") throw new Error("the chain of two losses was mistaken for a random one");
  const mean = meanLoss(other);
  return { ...bursty, lossGood: either(bursty.lossGood, mean), lossBad: either(bursty.lossBad, mean) };
}

/** The share of packets that a loss takes in the long run. */
export function meanLoss(loss: Loss): number {
  if (loss.model === "random") return loss.ratio;
  const { enter, leave, lossGood, lossBad } = loss;
  const bad = enter === 0 ? 0 : enter / (enter + leave);
  return (1 - bad) * lossGood + bad * lossBad;
}

function either(a = 0, b = 0): number {
  return 1 - (1 - a) * (1 - b);
}
