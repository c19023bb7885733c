/**
 * Coordinates of a whole set of nodes over a known matrix: every node measures its neighbours in turn, and after given
 * numbers of samples all pairs are estimated and compared with the matrix.
 */
import type { Advert, Coordinate, CoordinateAlgorithm } from "./algorithm.ts";
import { type Accuracy, accuracy, quantile } from "./errors.ts";
import type { RttMatrix } from "./rtt-matrix.ts";
import { Rumours } from "./rumours.ts";

export type Simulated = {
  readonly matrix: RttMatrix;
  readonly neighbours: number;
  /** Round trips that each node has taken when it is judged. */
  readonly checkpoints: readonly number[];
  /** Other nodes' adverts that travel with each probe and each answer. */
  readonly rumours: number;
  /** Apart from each other, so that all algorithms meet the same neighbours. */
  readonly randomOf: { readonly neighbours: () => number; readonly algorithm: () => number };
  readonly cpuMs: () => number;
};

export type Judged = Accuracy & {
  readonly samples: number;
  /**
   * How far a node's coordinate moves for each sample, in ms: position and height between now and a tenth of all
   * samples ago, over their number; the median of all nodes. The matrix stands still, so the best is 0.
   */
  readonly drift: number;
  /** Processor time of learning, from the first sample on and for all nodes. */
  readonly seconds: number;
};

export function simulate(algorithm: CoordinateAlgorithm, world: Simulated): Judged[] {
  const { matrix, checkpoints, randomOf, cpuMs } = world;
  const nodes = Array.from({ length: matrix.size }, (_, node) => node);
  const names = nodes.map((node) => `n${node}`);
  const neighbours = nodes.map((node) => drawn(matrix.peersOf(node), world.neighbours, randomOf.neighbours));
  const coordinates = names.map((name) => algorithm.create(name, randomOf.algorithm));
  const rumours = new Rumours(coordinates, names, world.rumours);
  const marks = new Map(checkpoints.map((samples) => [samples, samples - Math.ceil(samples / 10)]));
  const starts = new Set(marks.values());
  const earlier = new Map<number, Advert[]>([[0, advertsOf(coordinates)]]);
  const judged: Judged[] = [];
  let spentMs = 0;
  for (let turn = 1; turn <= Math.max(...checkpoints); turn++) {
    const startMs = cpuMs();
    for (const node of nodes) {
      const own = neighbours[node]!;
      const peer = own[(turn - 1) % own.length];
      if (peer === undefined) continue;
      const nowMs = turn * 1_000;
      rumours.exchange(node, peer, nowMs);
      coordinates[node]!.observe(names[peer]!, coordinates[peer]!.advert(), matrix.rttMs(node, peer), nowMs);
    }
    spentMs += cpuMs() - startMs;
    if (starts.has(turn)) earlier.set(turn, advertsOf(coordinates));
    const since = marks.get(turn);
    if (since === undefined) continue;
    const adverts = advertsOf(coordinates);
    const drift = medianMovement(earlier.get(since)!, adverts) / (turn - since);
    judged.push({ samples: turn, ...accuracy(algorithm, adverts, matrix), drift, seconds: spentMs / 1_000 });
  }
  return judged;
}

function advertsOf(coordinates: readonly Coordinate[]): Advert[] {
  return coordinates.map((coordinate) => coordinate.advert());
}

/** `count` of the items in an order of chance. */
function drawn(items: number[], count: number, random: () => number): number[] {
  for (let place = 0; place < Math.min(count, items.length); place++) {
    const other = place + Math.floor(random() * (items.length - place));
    [items[place], items[other]] = [items[other]!, items[place]!];
  }
  return items.slice(0, count);
}

function medianMovement(before: readonly Advert[], after: readonly Advert[]): number {
  const movements = after.map(({ position, height }, node) => {
    const old = before[node]!;
    return (
      Math.hypot(...position.map((at, axis) => at - old.position[axis]!)) + Math.abs(height - old.height)
    );
  });
  return quantile(Float64Array.from(movements).sort(), 0.5);
}
