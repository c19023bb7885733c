/** What holds of every coordinate algorithm: bad input changes nothing, a seed repeats a run, figures are numbers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { seeded } from "../plant/random.ts";
import type { Advert } from "./algorithm.ts";
import { Group } from "./group-for-tests.ts";
import { coordinateAlgorithms } from "./registry.ts";
import { simulate } from "./simulate.ts";
import { grid, line } from "./worlds-for-tests.ts";

test("the algorithms go by the names that people choose them by", () => {
  assert.deepEqual(Object.keys(coordinateAlgorithms), ["vivaldi-coordinates", "serf", "brume"]);
  for (const [name, algorithm] of Object.entries(coordinateAlgorithms)) assert.equal(algorithm.name, name);
});

for (const algorithm of Object.values(coordinateAlgorithms)) {
  describe(algorithm.name, () => {
    const settled = () => {
      const group = Group.of(algorithm, line(6, 10), 3);
      group.turns(40);
      return group;
    };

    test("a round trip that cannot be leaves the coordinate as it was", () => {
      const group = settled();
      const before = group.of(0).advert();
      for (const rttMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 60_001])
        group.of(0).observe("n1", group.of(1).advert(), rttMs, 1e6);
      assert.deepEqual(group.of(0).advert(), before);
    });

    test("an advert with too few numbers, or with one that is none, leaves the coordinate as it was", () => {
      const group = settled();
      const before = group.of(0).advert();
      const good = group.of(1).advert();
      const bad: Advert[] = [
        { ...good, position: good.position.slice(1) },
        { ...good, position: [...good.position, 0] },
        { ...good, position: good.position.map(() => Number.NaN) },
        { ...good, position: good.position.map(() => 1e9) },
        { ...good, height: -1 },
        { ...good, height: Number.NaN },
        { ...good, adjustment: Number.NaN },
        { ...good, error: -1 },
        { ...good, error: Number.POSITIVE_INFINITY },
        { ...good, samples: Number.NaN },
      ];
      for (const advert of bad) {
        group.of(0).observe("n1", advert, 10, 1e6);
        group.of(0).hear?.("n1", advert, 1e6);
      }
      assert.deepEqual(group.of(0).advert(), before);
    });

    test("whatever is measured, adverts and estimates stay numbers in their order", () => {
      const sample = fc.record({
        node: fc.nat(4),
        rttMs: fc.double({ min: 1e-6, max: 60_000, noNaN: true }),
      });
      fc.assert(
        fc.property(fc.array(sample, { maxLength: 60 }), fc.nat(1_000), (samples, seed) => {
          const group = new Group(algorithm, 5, () => 1, seed);
          for (const { node, rttMs } of samples) {
            group.rttMs = () => rttMs;
            group.probe(node);
          }
          for (const node of group.nodes()) {
            const { position, height, adjustment, error } = group.of(node).advert();
            for (const figure of [...position, height, adjustment, error]) assert.ok(Number.isFinite(figure));
            const { rttMs, lowMs, highMs } = algorithm.estimate(
              group.of(node).advert(),
              group.of(0).advert(),
            );
            assert.ok(0 <= lowMs && lowMs <= rttMs && rttMs <= highMs, `${lowMs} ${rttMs} ${highMs}`);
          }
        }),
        { numRuns: 50, seed: 7 },
      );
    });

    test("the same seed makes the same coordinates, another seed others", () => {
      const told = (seed: number) => {
        const group = Group.of(algorithm, line(6, 10), seed);
        group.turns(20);
        return group.nodes().map((node) => group.of(node).advert());
      };
      assert.deepEqual(told(1), told(1));
      assert.notDeepEqual(told(1), told(2));
    });

    test("a grid of 25 nodes is told within a third (median) after 200 samples", () => {
      const randomOf = { neighbours: seeded(1).uniform, algorithm: seeded(2).uniform };
      const world = { matrix: grid(5, 10), neighbours: 64, checkpoints: [200], rumours: 12 };
      const [judged] = simulate(algorithm, { ...world, randomOf, cpuMs: () => 0 });
      assert.ok(judged!.medianRelativeError < 0.33, `${judged!.medianRelativeError}`);
    });
  });
}
