/** The npm package vivaldi-coordinates (Vuze's Vivaldi: two dimensions and a height) behind our interface, as a baseline. */
import vivaldi, { type HeightCoordinates } from "vivaldi-coordinates";
import type { Advert, Coordinate, CoordinateAlgorithm, Estimate } from "./algorithm.ts";
import { isSoundAdvert, isSoundRtt } from "./sound-input.ts";

const dimensions = 2;

class PackageCoordinate implements Coordinate {
  readonly #position = vivaldi.create();
  readonly #random: () => number;
  #samples = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  advert(): Advert {
    const { x, y, h } = this.#position.getCoordinates();
    const error = this.#position.getErrorEstimate();
    return { position: [x, y], height: h, adjustment: 0, error, samples: this.#samples };
  }

  observe(_peer: string, advert: Advert, rttMs: number, _nowMs: number): void {
    if (!isSoundRtt(rttMs) || !isSoundAdvert(advert, dimensions)) return;
    const spot = spotOf(advert);
    const isTaken = drawingFrom(this.#random, () => this.#position.update(rttMs, spot, advert.error));
    if (isTaken) this.#samples++;
  }

  /** The package keeps nothing by peer. */
  forget(_peer: string): void {}
}

function spotOf({ position, height }: Advert): HeightCoordinates {
  return new vivaldi.HeightCoordinates(position[0]!, position[1]!, height);
}

/** The package draws from the runtime's own source, which nobody can repeat; for one call it draws from ours. */
function drawingFrom<Result>(random: () => number, work: () => Result): Result {
  const own = Math.random;
  Math.random = random;
  try {
    return work();
  } finally {
    Math.random = own;
  }
}

export const vivaldiPackage: CoordinateAlgorithm = {
  name: "vivaldi-coordinates",
  create: (_node, random) => new PackageCoordinate(random),
  estimate(one, other): Estimate {
    const rttMs = spotOf(one).distance(spotOf(other));
    const error = (one.error + other.error) / 2;
    return { rttMs, lowMs: rttMs * Math.max(0, 1 - error), highMs: rttMs * (1 + error) };
  },
};
