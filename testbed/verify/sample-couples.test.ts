import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#testbed/seeded-random.ts";
import { type Couple, coverageOf, sampleCouples } from "./sample-couples.ts";

function mesh(nodes: number, setOf: (from: number, to: number) => number): Couple[] {
  const couples: Couple[] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) couples.push({ a, b, forward: setOf(a, b), back: setOf(b, a) });
  }
  return couples;
}

test("a sample of 100 nodes holds every node and even a set that a single pair has", () => {
  const all = mesh(100, (from, to) => (from === 17 && to === 3 ? 2 : to < 50 ? 0 : 1));
  const chosen = sampleCouples(all, 60, seededRandom(1));
  assert.equal(chosen.length, 60);
  assert.deepEqual(coverageOf(all, chosen), { nodes: 100, nodesOfAll: 100, sets: 3, setsOfAll: 3 });
});

test("with as many sets as pairs, nodes come first and the sample keeps its size", () => {
  const all = mesh(40, (from, to) => from * 40 + to);
  const chosen = sampleCouples(all, 30, seededRandom(2));
  assert.equal(chosen.length, 30);
  assert.equal(coverageOf(all, chosen).nodes, 40);
});

test("one seed chooses the same couples again, another seed others", () => {
  const all = mesh(30, () => 0);
  const one = sampleCouples(all, 20, seededRandom(3));
  assert.deepEqual(sampleCouples(all, 20, seededRandom(3)), one);
  assert.notDeepEqual(sampleCouples(all, 20, seededRandom(4)), one);
});

test("when all fit, all are taken in their order", () => {
  const all = mesh(5, () => 0);
  assert.deepEqual(sampleCouples(all, 10, seededRandom(1)), all);
});
