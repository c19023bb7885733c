/**
 * Jitter that keeps order: each pair has a delay that wanders in time, and every packet feels the delay of its
 * moment. See docs/decisions/in-order-jitter.md.
 *
 * Time is cut into epochs, each with a level drawn from the asked distribution. A rise is a jump; a fall is a
 * ramp of slope -1, half before and half after the epochs' boundary, so that a later packet is never due before
 * an earlier one and the mean is not biased. An epoch in which no packet comes does not exist: sparse packets
 * each take the next level of the sequence, dense ones share it.
 */
import { epochVariation, type JitterShape } from "./jitter-shape.ts";
import { quantile } from "./quantiles.ts";
import type { PairRandom } from "./random.ts";

/**
 * Levels come in blocks that hold each 32nd of the distribution once, in random order, so that mean and
 * standard deviation settle within a block or two and not with the square root of time.
 */
const strata = 32;
/** The fractional part of the golden ratio: within a stratum, successive blocks' places spread evenly. */
const golden = 0.6180339887498949;

export class OrderedJitter {
  readonly #random: PairRandom;
  /** Pair → process + 1; 0 for none yet. */
  readonly #processOf: Int32Array;
  #processes = 0;
  #shape: (JitterShape | undefined)[] = [];
  #order = new Uint8Array(0);
  #position = new Int32Array(0);
  #turn = new Float64Array(0);
  /** Deviations from the pair's delay: of this epoch, and of the one to come. */
  #levelNs = new Float64Array(0);
  #followingNs = new Float64Array(0);
  #rampInEndsNs = new Float64Array(0);
  #rampOutStartsNs = new Float64Array(0);
  #epochEndsNs = new Float64Array(0);

  constructor(random: PairRandom, pairs: number) {
    this.#random = random;
    this.#processOf = new Int32Array(pairs);
  }

  /** By how much the pair's delay differs from its mean at this moment. Ask in the order of time. */
  deviationNs(pair: number, shape: JitterShape, atNs: number): number {
    let process = this.#processOf[pair]! - 1;
    if (process < 0 || this.#shape[process]!.key !== shape.key) process = this.#start(pair, shape, atNs);
    else if (atNs >= this.#epochEndsNs[process]!) this.#turnEpoch(pair, process, shape, atNs);
    let deviation = this.#levelNs[process]!;
    const rampInEndsNs = this.#rampInEndsNs[process]!;
    if (atNs < rampInEndsNs) deviation += rampInEndsNs - atNs;
    const rampOutStartsNs = this.#rampOutStartsNs[process]!;
    if (atNs > rampOutStartsNs) deviation -= atNs - rampOutStartsNs;
    return deviation;
  }

  #start(pair: number, shape: JitterShape, atNs: number): number {
    let process = this.#processOf[pair]! - 1;
    if (process < 0) {
      process = this.#processes++;
      this.#processOf[pair] = process + 1;
      if (process >= this.#position.length) this.#grow();
    }
    this.#shape[process] = shape;
    this.#position[process] = 0;
    this.#turn[process] = this.#random.next(pair);
    for (let stratum = 0; stratum < strata; stratum++) this.#order[process * strata + stratum] = stratum;
    this.#levelNs[process] = this.#draw(pair, process, shape);
    this.#followingNs[process] = this.#draw(pair, process, shape);
    const lengthNs = this.#drawLengthNs(pair, shape);
    const startNs = atNs - this.#random.next(pair) * lengthNs;
    this.#rampInEndsNs[process] = startNs;
    this.#setEnd(process, startNs + lengthNs);
    return process;
  }

  #turnEpoch(pair: number, process: number, shape: JitterShape, atNs: number): void {
    const before = this.#levelNs[process]!;
    const level = this.#followingNs[process]!;
    const lengthNs = this.#drawLengthNs(pair, shape);
    let startNs = this.#epochEndsNs[process]!;
    // After a pause, as if epochs of this length had gone by: a fresh random phase would, for probes spaced a
    // little wider than the epochs, favour the ends of epochs and so the ramps that lead down from them.
    if (atNs >= startNs + lengthNs) startNs = atNs - ((atNs - startNs) % lengthNs);
    this.#levelNs[process] = level;
    this.#followingNs[process] = this.#draw(pair, process, shape);
    this.#rampInEndsNs[process] = before > level ? startNs + (before - level) / 2 : startNs;
    this.#setEnd(process, startNs + lengthNs);
  }

  #setEnd(process: number, endNs: number): void {
    const fallNs = this.#levelNs[process]! - this.#followingNs[process]!;
    this.#epochEndsNs[process] = endNs;
    this.#rampOutStartsNs[process] = fallNs > 0 ? endNs - fallNs / 2 : endNs;
  }

  #drawLengthNs(pair: number, shape: JitterShape): number {
    return shape.epochNs * (1 + epochVariation * (2 * this.#random.next(pair) - 1));
  }

  #draw(pair: number, process: number, shape: JitterShape): number {
    const position = this.#position[process]!;
    const base = process * strata;
    const order = this.#order;
    const place = position % strata;
    // The next step of a shuffle in place; the block before leaves some order, and any will do to start from.
    const chosen = place + this.#random.below(pair, strata - place);
    const stratum = order[base + chosen]!;
    order[base + chosen] = order[base + place]!;
    order[base + place] = stratum;
    this.#position[process] = position + 1;
    const block = (position - place) / strata;
    const within = (this.#turn[process]! + block * golden + stratum * golden * golden) % 1;
    const standard = quantile(shape.table, (stratum + within) / strata);
    return shape.meanNs + shape.spreadNs * shape.stretch * standard;
  }

  #grow(): void {
    const processes = Math.max(16, this.#position.length * 2);
    const larger = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const floats = new Float64Array(processes);
      floats.set(old);
      return floats;
    };
    const order = new Uint8Array(processes * strata);
    order.set(this.#order);
    this.#order = order;
    const position = new Int32Array(processes);
    position.set(this.#position);
    this.#position = position;
    this.#turn = larger(this.#turn);
    this.#levelNs = larger(this.#levelNs);
    this.#followingNs = larger(this.#followingNs);
    this.#rampInEndsNs = larger(this.#rampInEndsNs);
    this.#rampOutStartsNs = larger(this.#rampOutStartsNs);
    this.#epochEndsNs = larger(this.#epochEndsNs);
  }
}

/** Jitter by choice of reordering: every packet draws for itself. */
export function independentDeviationNs(random: PairRandom, pair: number, shape: JitterShape): number {
  return shape.meanNs + shape.spreadNs * quantile(shape.table, random.next(pair));
}
