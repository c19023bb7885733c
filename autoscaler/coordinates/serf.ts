/**
 * Vivaldi with the settings and additions of serf (hashicorp/serf, coordinate/): eight dimensions and a height, an
 * adjustment over the last samples, gravity towards the origin, and a median of each peer's last round trips.
 */
import type { Advert, Coordinate, CoordinateAlgorithm, Estimate } from "./algorithm.ts";
import { isSoundAdvert, isSoundRtt } from "./sound-input.ts";

const dimensions = 8;
const errorMax = 1.5;
/** How much one sample moves the error, and the coordinate. */
const errorGain = 0.25;
const moveGain = 0.25;
const heightMinMs = 0.01;
const adjustmentSamples = 20;
const filterSamples = 3;
/** At this distance from the origin, in seconds, gravity pulls by a second for each sample. */
const gravityRho = 150;
/** Nearer than that, two coordinates are on one spot. */
const coincidentMs = 1e-3;

class SerfCoordinate implements Coordinate {
  readonly #random: () => number;
  readonly #position = new Float64Array(dimensions);
  #height = heightMinMs;
  #error = errorMax;
  /** Not yet filled places count as 0, as they do in serf. */
  readonly #residuals = new Float64Array(adjustmentSamples);
  #samples = 0;
  readonly #trips = new Map<string, number[]>();

  constructor(random: () => number) {
    this.#random = random;
  }

  advert(): Advert {
    return {
      position: Array.from(this.#position),
      height: this.#height,
      adjustment: this.#residuals.reduce((sum, each) => sum + each, 0) / (2 * adjustmentSamples),
      error: this.#error,
      samples: this.#samples,
    };
  }

  observe(peer: string, advert: Advert, rttMs: number, _nowMs: number): void {
    if (!isSoundRtt(rttMs) || !isSoundAdvert(advert, dimensions)) return;
    const filteredMs = this.#filtered(peer, rttMs);
    this.#learn(advert, filteredMs);
    const residualMs = filteredMs - this.#rawMs(advert.position, advert.height);
    this.#residuals[this.#samples % adjustmentSamples] = residualMs;
    this.#samples++;
    const origin = new Array<number>(dimensions).fill(0);
    const heightMs = this.#rawMs(origin, heightMinMs) + this.advert().adjustment;
    this.#push(-1_000 * (heightMs / 1_000 / gravityRho) ** 2, origin, heightMinMs);
  }

  forget(peer: string): void {
    this.#trips.delete(peer);
  }

  #filtered(peer: string, rttMs: number): number {
    const trips = [...(this.#trips.get(peer) ?? []), rttMs].slice(-filterSamples);
    this.#trips.set(peer, trips);
    return trips.toSorted((a, b) => a - b)[trips.length >> 1]!;
  }

  #learn(advert: Advert, rttMs: number): void {
    const estimateMs = estimatedMs(this.advert(), advert);
    const wrong = Math.abs(estimateMs - rttMs) / rttMs;
    const weight = this.#error / Math.max(this.#error + advert.error, 1e-6);
    const gain = errorGain * weight;
    this.#error = Math.min(errorMax, gain * wrong + (1 - gain) * this.#error);
    this.#push(moveGain * weight * (rttMs - estimateMs), advert.position, advert.height);
  }

  /** Away from a coordinate, or towards it by a negative force. */
  #push(forceMs: number, from: readonly number[], fromHeight: number): void {
    const away = Array.from(this.#position, (at, axis) => at - from[axis]!);
    const distance = Math.hypot(...away);
    const isApart = distance > coincidentMs;
    const direction = isApart ? away : away.map(() => this.#random() - 0.5);
    const length = isApart ? distance : Math.hypot(...direction);
    for (let axis = 0; axis < dimensions; axis++)
      this.#position[axis]! += (direction[axis]! / length) * forceMs;
    if (!isApart) return;
    const height = this.#height + ((this.#height + fromHeight) * forceMs) / distance;
    this.#height = Math.max(height, heightMinMs);
  }

  #rawMs(position: readonly number[], height: number): number {
    return Math.hypot(...position.map((at, axis) => at - this.#position[axis]!)) + height + this.#height;
  }
}

function estimatedMs(one: Advert, other: Advert): number {
  const apart = Math.hypot(...one.position.map((at, axis) => at - other.position[axis]!));
  const rawMs = apart + one.height + other.height;
  const adjustedMs = rawMs + one.adjustment + other.adjustment;
  return adjustedMs > 0 ? adjustedMs : rawMs;
}

export const serf: CoordinateAlgorithm = {
  name: "serf",
  create: (_node, random) => new SerfCoordinate(random),
  estimate(one, other): Estimate {
    const rttMs = estimatedMs(one, other);
    const error = (one.error + other.error) / 2;
    return { rttMs, lowMs: rttMs * Math.max(0, 1 - error), highMs: rttMs * (1 + error) };
  },
};
