import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conditions } from "#testbed/network/conditions.ts";
import { buildNetwork } from "#testbed/network/wire/network-for-tests.ts";
import { askedOf } from "./asked.ts";

const alone = (conditions: Conditions) =>
  askedOf(buildNetwork({ nodes: 2, pairs: [{ conditions }] }), 0, 1, conditions);
const near = (actual: number | undefined, expected: number, share = 0.01) =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= share * expected,
    `${actual} is not ${expected}`,
  );

test("every rate on the way adds its own time per byte, and the least is the pair's", () => {
  const conditions: Conditions = { delayMs: 5, rateBitsPerSecond: 40e6 };
  const network = buildNetwork({
    nodes: 2,
    pairs: [{ conditions, path: [2] }],
    segments: [80e6, 20e6, 10e6].map((rateBitsPerSecond, index) => ({
      name: `s${index}`,
      rateBitsPerSecond,
    })),
    up: { 0: 0 },
    down: { 1: 1 },
  });
  const asked = askedOf(network, 0, 1, conditions);
  assert.equal(asked.rateBitsPerSecond, 10e6);
  near(asked.serialisationMsPerByte * 1000, 0.1 + 0.4 + 0.8 + 0.2, 1e-9);
});

test("the spread of a uniform jitter is its half-width over the square root of 3, and its kurtosis 1.8", () => {
  const { jitter, delayMs } = alone({
    delayMs: 25,
    jitter: { spreadMs: 10, distribution: "uniform", reorder: true },
  });
  near(delayMs, 25);
  near(jitter?.spreadMs, 10 / Math.sqrt(3));
  near(jitter?.kurtosis, 1.8);
  assert.equal(jitter?.correlationMs, 0);
});

test("a normal jitter that would go below zero has a greater mean and a smaller spread", () => {
  const { jitter, delayMs } = alone({
    delayMs: 0,
    jitter: { spreadMs: 10, distribution: "normal", reorder: false },
  });
  near(delayMs, 10 / Math.sqrt(2 * Math.PI));
  near(jitter?.spreadMs, 10 * Math.sqrt(0.5 - 1 / (2 * Math.PI)));
});

test("loss in bursts asks for the chain's mean, and counts its clustering", () => {
  const bursts = alone({
    delayMs: 0,
    loss: { model: "bursts", enter: 0.01, leave: 0.19, lossGood: 0, lossBad: 1 },
  });
  near(bursts.lossRatio, 0.05, 1e-9);
  // The chain's states correlate by 0.8 from packet to packet: (1 + 0.8) / (1 - 0.8).
  near(bursts.lossClustering, 9, 1e-9);
  assert.equal(alone({ delayMs: 0, loss: { model: "random", ratio: 0.05 } }).lossClustering, 1);
});

test("a pair that loses everything is as good as cut", () => {
  assert.ok(alone({ delayMs: 0, cut: true }).cut);
  assert.ok(alone({ delayMs: 0, loss: { model: "random", ratio: 1 } }).cut);
  assert.ok(!alone({ delayMs: 0 }).cut);
});
