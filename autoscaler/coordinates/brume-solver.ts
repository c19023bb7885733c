/**
 * One node's place among its peers' places: the most probable one for all round trips that it keeps, by Gauss-Newton
 * steps on a robust cost of relative errors. Peers' places are taken as given; each peer solves for its own.
 */

export type Link = {
  readonly position: Float64Array;
  height: number;
  rttMs: number;
  /** From 0 to 1: what the peer's place and the measurement are worth against the best of the others. */
  trust: number;
};

/** Of the estimates that a place gives: relative, and in ms. */
export type Errors = { readonly relative: number; readonly ms: number };

/** How wide the unknown is before anything is measured; in ms, from the round trips themselves. */
export type Width = { readonly positionMs: number; readonly heightMs: number };

/** Round trips are never better known than so: below it, relative errors are errors of the clock. */
export const clockMs = 0.2;
/** Errors below this ratio count by their square, larger ones only by their size: a detour does not bend the rest. */
const usualError = 0.1;
/** Part of the curvature that holds a node where it is: peers move at the same time, and all at once overshoot. */
const inertia = 0.3;
/** A shorter estimate than this part of what was measured divides as if it were this: else tiny ones rule. */
const shortest = 0.3;
/** Two places that are one have no direction between them. */
const coincidentMs2 = 1e-6;
/** An estimate is never so far off that the rest of it would tell anything. */
const errorMax = 1.5;

export class Solver {
  readonly #size: number;
  /** Normal equations, lower triangle, row by row; then their Cholesky factor. */
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;
  readonly #slope: Float64Array;

  constructor(dimensions: number) {
    this.#size = dimensions + 1;
    this.#matrix = new Float64Array(this.#size * this.#size);
    this.#right = new Float64Array(this.#size);
    this.#slope = new Float64Array(this.#size);
  }

  /**
   * Moves `place` (position, then height) one step towards the best. `slackMs` is how far off peers' places may be
   * themselves: without it near peers, whose round trips are told within a fraction of a ms, would hold each other so
   * tight that none could follow what all of them measure to those far away.
   */
  step(place: Float64Array, links: readonly Link[], width: Width, slackMs: number): void {
    const size = this.#size;
    this.#gather(place, links, width, slackMs);
    let curvature = 0;
    for (let at = 0; at < size - 1; at++) curvature += this.#matrix[at * size + at]!;
    const hold = (inertia * curvature) / (size - 1);
    for (let at = 0; at < size - 1; at++) this.#matrix[at * size + at]! += hold;
    this.#matrix[size * size - 1]! *= 1 + inertia;
    this.#factor();
    this.#forward(this.#right);
    this.#backward(this.#right);
    for (let at = 0; at < size; at++) place[at]! += this.#right[at]!;
    if (place[size - 1]! < 0) place[size - 1] = 0;
  }

  /**
   * Mean error with which the place would tell each round trip if it had not been measured: each error is divided by
   * what its own measurement left of it (the hat matrix), so that few samples do not look like good ones. `doubt` is
   * the relative error taken for granted, and `doubtWeight` how many samples it is worth.
   */
  errors(
    place: Float64Array,
    links: readonly Link[],
    width: Width,
    slackMs: number,
    doubt: number,
    doubtWeight: number,
  ): Errors {
    this.#gather(place, links, width, slackMs);
    this.#factor();
    let relatives = doubt * doubtWeight;
    let weights = doubtWeight;
    let sumMs = 0;
    for (const link of links) {
      const { errorMs, relative, weight } = this.#measure(place, link, slackMs);
      this.#forward(this.#slope);
      let norm = 0;
      for (let at = 0; at < this.#size; at++) norm += this.#slope[at]! ** 2;
      const left = Math.max(0.1, 1 - weight * norm);
      relatives += link.trust * Math.min(errorMax, Math.abs(relative) / left);
      sumMs += link.trust * Math.min(width.positionMs, Math.abs(errorMs) / left);
      weights += link.trust;
    }
    return { relative: relatives / weights, ms: sumMs / weights };
  }

  #gather(place: Float64Array, links: readonly Link[], width: Width, slackMs: number): void {
    const size = this.#size;
    const [matrix, right, slope] = [this.#matrix, this.#right, this.#slope];
    matrix.fill(0);
    right.fill(0);
    for (const link of links) {
      const { errorMs, weight } = this.#measure(place, link, slackMs);
      for (let row = 0; row < size; row++) {
        const weighted = weight * slope[row]!;
        right[row]! -= weighted * errorMs;
        for (let column = 0; column <= row; column++)
          matrix[row * size + column]! += weighted * slope[column]!;
      }
    }
    const pull = 1 / width.positionMs ** 2;
    for (let at = 0; at < size - 1; at++) {
      matrix[at * size + at]! += pull;
      right[at]! -= pull * place[at]!;
    }
    const heightPull = 1 / width.heightMs ** 2;
    matrix[size * size - 1]! += heightPull;
    right[size - 1]! -= heightPull * place[size - 1]!;
  }

  /** The estimate's error and slope for one link, and what it weighs in the normal equations. */
  #measure(
    place: Float64Array,
    link: Link,
    slackMs: number,
  ): { errorMs: number; relative: number; weight: number } {
    const { position, rttMs } = link;
    const slope = this.#slope;
    const dimensions = this.#size - 1;
    let square = coincidentMs2;
    for (let at = 0; at < dimensions; at++) {
      const apart = place[at]! - position[at]!;
      slope[at] = apart;
      square += apart * apart;
    }
    const distance = Math.sqrt(square);
    for (let at = 0; at < dimensions; at++) slope[at]! /= distance;
    slope[dimensions] = 1;
    const estimateMs = distance + place[dimensions]! + link.height;
    const errorMs = estimateMs - rttMs;
    // Against the geometric mean of both: twice too long and twice too short are as bad as each other.
    const scale2 = (rttMs + clockMs) * (Math.max(estimateMs, shortest * rttMs) + clockMs);
    const relative = errorMs / Math.sqrt(scale2);
    const weight =
      link.trust / ((scale2 + slackMs * slackMs) * Math.sqrt(relative * relative + usualError * usualError));
    return { errorMs, relative, weight };
  }

  #factor(): void {
    const size = this.#size;
    const matrix = this.#matrix;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        let sum = matrix[row * size + column]!;
        for (let at = 0; at < column; at++) sum -= matrix[row * size + at]! * matrix[column * size + at]!;
        // The pull of the width keeps it positive; what rounding takes away is given back.
        if (row === column) matrix[row * size + row] = Math.sqrt(Math.max(sum, Number.MIN_VALUE));
        else matrix[row * size + column] = sum / matrix[column * size + column]!;
      }
    }
  }

  #forward(vector: Float64Array): void {
    const size = this.#size;
    for (let row = 0; row < size; row++) {
      let sum = vector[row]!;
      for (let at = 0; at < row; at++) sum -= this.#matrix[row * size + at]! * vector[at]!;
      vector[row] = sum / this.#matrix[row * size + row]!;
    }
  }

  #backward(vector: Float64Array): void {
    const size = this.#size;
    for (let row = size - 1; row >= 0; row--) {
      let sum = vector[row]!;
      for (let at = row + 1; at < size; at++) sum -= this.#matrix[at * size + row]! * vector[at]!;
      vector[row] = sum / this.#matrix[row * size + row]!;
    }
  }
}
