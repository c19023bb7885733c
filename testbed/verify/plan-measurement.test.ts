import assert from "node:assert/strict";
import { test } from "node:test";
import { buildNetwork } from "#testbed/network/wire/network-for-tests.ts";
import { type MeasurementChoice, planMeasurement } from "./plan-measurement.ts";

const choice: MeasurementChoice = { pairs: 512, seed: 1, transfersMs: 3000, ipv6: true, mtuBytes: 1500 };
const all = (nodes: number) => Array.from({ length: nodes }, (_, node) => node);

test("a small lab is measured whole: every couple once, each direction with its own conditions", () => {
  const network = buildNetwork({ nodes: 3, pairs: [{ from: 0, to: 2, conditions: { delayMs: 25 } }] });
  const { couples } = planMeasurement(network, all(3), choice);
  assert.deepEqual(
    couples.map(({ a, b, forward, back }) => [a, b, forward.delayMs, back.delayMs]),
    [
      [0, 1, 0, 0],
      [0, 2, 25, 0],
      [1, 2, 0, 0],
    ],
  );
});

test("nodes that cannot be reached are left out", () => {
  const { couples, coverage } = planMeasurement(buildNetwork({ nodes: 4 }), [0, 1, 3], choice);
  assert.deepEqual(
    couples.map(({ a, b }) => [a, b]),
    [
      [0, 1],
      [0, 3],
      [1, 3],
    ],
  );
  assert.equal(coverage.nodesOfAll, 3);
});

test("of a hundred nodes, a sample of the asked size is probed, and a few of it over IPv6", () => {
  const plan = planMeasurement(buildNetwork({ nodes: 100 }), all(100), choice);
  assert.equal(plan.couples.length, 256);
  assert.equal(plan.ipv6Couples.length, 10);
  assert.equal(plan.coupleJobs.length, 266);
  assert.equal(plan.coverage.nodes, 100);
  assert.deepEqual(planMeasurement(buildNetwork({ nodes: 100 }), all(100), choice), plan);
});

test("without IPv6 there is no probe over it", () => {
  const { coupleJobs } = planMeasurement(buildNetwork({ nodes: 3 }), all(3), { ...choice, ipv6: false });
  assert.ok(coupleJobs.every(({ family }) => family === 4));
});

test("pairs with a rate get a transfer, cut ones and those without a rate get none", () => {
  const network = buildNetwork({
    nodes: 3,
    pairs: [
      { from: 0, to: 1, conditions: { delayMs: 0, rateBitsPerSecond: 10e6 } },
      { from: 1, to: 0, conditions: { delayMs: 0, rateBitsPerSecond: 10e6, cut: true } },
    ],
  });
  const { trains, trainJobs } = planMeasurement(network, all(3), choice);
  assert.deepEqual(trains, [{ from: 0, to: 1, index: 0 }]);
  assert.equal(trainJobs.length, 1);
});

test("a rate beyond what a transfer can show is named as untested", () => {
  const network = buildNetwork({
    nodes: 2,
    pairs: [{ from: 0, conditions: { delayMs: 0, rateBitsPerSecond: 1e9 } }],
  });
  const [train] = planMeasurement(network, all(2), choice).trains;
  assert.deepEqual(train, {
    from: 0,
    to: 1,
    index: undefined,
    why: "faster than a transfer of 700 Mbit/s can show",
  });
});

test("the prober waits as long as the slowest pair's jitter may take", () => {
  const jitter = { spreadMs: 20, distribution: "normal", reorder: false } as const;
  const network = buildNetwork({
    nodes: 2,
    pairs: [{ from: 0, to: 1, conditions: { delayMs: 200, jitter } }],
  });
  assert.ok(planMeasurement(network, all(2), choice).patienceMs >= 300);
});
