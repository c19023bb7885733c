/** Brume's coordinates in worlds of known truth: how near estimates come, and what does not upset them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seeded } from "../plant/random.ts";
import { brume } from "./brume.ts";
import { accuracy } from "./errors.ts";
import { Group } from "./group-for-tests.ts";
import type { RttMatrix } from "./rtt-matrix.ts";
import { simulate } from "./simulate.ts";
import { circle, grid, impacted, line, star, twoClusters } from "./worlds-for-tests.ts";

const seeds = [1, 2, 3];

/** Bounds for the worst of the seeds: median relative error after 10 samples a node, 90th percentile after 100. */
const worlds: readonly [name: string, matrix: RttMatrix, median10: number, p90At100: number][] = [
  ["a line of 5 nodes", line(5, 10), 0.06, 0.05],
  ["a line of 25 nodes", line(25, 5), 0.15, 0.05],
  ["a grid of 25 nodes", grid(5, 10), 0.2, 0.05],
  ["a circle of 20 nodes", circle(20, 50), 0.2, 0.05],
  ["a star of 10 nodes", star(10, 5), 0.1, 0.25],
  ["15 nodes, one of them 50 ms away", twoClusters(15, 1, 50), 0.12, 0.05],
  ["15 nodes, 5 of them behind slow access", impacted(15, 5, 25), 0.15, 0.1],
];

for (const [name, matrix, median10, p90At100] of worlds) {
  test(`${name}: told within ${median10} (median) after 10 samples, ${p90At100} (90 of 100 pairs) after 100`, () => {
    for (const seed of seeds) {
      const [young, grown] = judged(matrix, [10, 100], seed);
      assert.ok(young!.medianRelativeError <= median10, `seed ${seed}: ${young!.medianRelativeError} at 10`);
      assert.ok(grown!.p90RelativeError <= p90At100, `seed ${seed}: ${grown!.p90RelativeError} at 100`);
      assert.ok(grown!.coverage >= 0.7, `seed ${seed}: ${grown!.coverage} of the truths in their intervals`);
    }
  });
}

for (const [name, matrix] of [
  ["two tight clusters of 5, 50 ms apart", twoClusters(10, 5, 50)],
  ["two tight clusters of 12 and 13, 25 ms apart", twoClusters(25, 12, 25)],
  ["3 nodes, one of them 25 ms away", twoClusters(3, 1, 25)],
  ["two near nodes and two behind slow access", impacted(4, 2, 25)],
] as const) {
  test(`${name}: the ends told within a fifth after 10 samples, all within 5 % or 0.3 ms after 100`, () => {
    for (const seed of seeds) {
      const group = Group.of(brume, matrix, seed);
      const last = matrix.size - 1;
      group.turns(10);
      const told = group.estimate(0, last).rttMs / matrix.rttMs(0, last);
      assert.ok(Math.abs(told - 1) < 0.2, `seed ${seed}: ${told} of the truth after 10`);
      group.turns(90);
      const worst = group.worst(undefined, 0.3);
      assert.ok(worst < 0.05, `seed ${seed}: ${worst} after 100`);
    }
  });
}

function judged(matrix: RttMatrix, checkpoints: readonly number[], seed: number) {
  const randomOf = { neighbours: seeded(seed).uniform, algorithm: seeded(seed + 100).uniform };
  return simulate(brume, { matrix, neighbours: 64, checkpoints, rumours: 12, randomOf, cpuMs: () => 0 });
}

describe("a network that changes", () => {
  const before = impacted(12, 4, 25);
  const beforeMs = (one: number, other: number) => before.rttMs(one, other);

  test("a node whose access gets 25 ms longer is told within 4 ms by its 4th sample", () => {
    for (const seed of seeds) {
      const group = Group.of(brume, before, seed);
      group.turns(60);
      const moved = 7;
      group.rttMs = (one, other) => beforeMs(one, other) + (one === moved || other === moved ? 25 : 0);
      for (let sample = 0; sample < 4; sample++) group.probe(moved);
      const worst = Math.max(
        ...group
          .nodes()
          .filter((node) => node !== moved)
          .map((node) => Math.abs(group.estimate(moved, node).rttMs - group.rttMs(moved, node))),
      );
      assert.ok(worst < 4, `seed ${seed}: ${worst} ms off`);
      group.turns(11);
      assert.ok(group.worst() < 0.15, `seed ${seed}: ${group.worst()} a round later`);
    }
  });

  test("a node whose access gets 25 ms shorter is told rightly a round later", () => {
    for (const seed of seeds) {
      const group = Group.of(brume, before, seed);
      group.turns(60);
      group.rttMs = (one, other) => beforeMs(one, other) - (one === 0 || other === 0 ? 25 : 0);
      group.turns(22);
      assert.ok(group.worst() < 0.15, `seed ${seed}: ${group.worst()}`);
    }
  });

  test("single spikes, ten times too long, move no estimate by a twentieth", () => {
    const group = Group.of(brume, before, 1);
    group.turns(60);
    const told = group.estimate(1, 8).rttMs;
    let count = 0;
    group.rttMs = (one, other) => beforeMs(one, other) * (count++ % 20 === 0 ? 10 : 1);
    group.turns(33);
    const now = group.estimate(1, 8).rttMs;
    assert.ok(Math.abs(now - told) < told / 20, `${told} ms before, ${now} ms after`);
  });

  test("jitter of a fifth leaves estimates within an eighth of the middle", () => {
    const group = Group.of(brume, before, 1);
    const jitter = seeded(5).uniform;
    group.rttMs = (one, other) => beforeMs(one, other) * (1 + 0.4 * (jitter() - 0.5));
    group.turns(150);
    const worst = group.worst(beforeMs);
    assert.ok(worst < 0.125, `${worst}`);
  });

  test("over thousands of noisy samples the whole set neither wanders off nor swells nor loses its truth", () => {
    const truth = grid(4, 10);
    const group = Group.of(brume, truth, 1);
    const jitter = seeded(5).uniform;
    group.rttMs = (one, other) => truth.rttMs(one, other) * (1 + 0.2 * (jitter() - 0.5));
    group.turns(2_000);
    const places = group.nodes().map((node) => group.of(node).advert().position);
    const centre = places[0]!.map((_, axis) => places.reduce((sum, place) => sum + place[axis]!, 0) / 16);
    assert.ok(Math.hypot(...centre) < 10, `the centre is ${Math.hypot(...centre)} ms from the origin`);
    const reach = Math.max(...places.map((place) => Math.hypot(...place)));
    assert.ok(reach < 45, `${reach} ms, in a world 42 ms wide`);
    assert.ok(group.worst((one, other) => truth.rttMs(one, other)) < 0.05);
  });

  test("with half of the nodes replaced, newcomers are told rightly after 20 samples, the others all along", () => {
    const truth = grid(4, 10);
    const group = Group.of(brume, truth, 2);
    group.turns(40);
    for (let node = 0; node < 8; node++) group.leave(node);
    for (let node = 0; node < 8; node++) group.join(node);
    group.turns(20);
    const adverts = Array.from({ length: 16 }, (_, node) => group.of(node).advert());
    const { medianRelativeError, p90RelativeError } = accuracy(brume, adverts, truth);
    assert.ok(medianRelativeError < 0.05, `${medianRelativeError}`);
    assert.ok(p90RelativeError < 0.15, `${p90RelativeError}`);
  });
});
