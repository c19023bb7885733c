import assert from "node:assert/strict";
import { test } from "node:test";
import type { Jitter } from "#testbed/network/conditions.ts";
import { independentDeviationNs, OrderedJitter } from "./jitter.ts";
import { jitterShape } from "./jitter-shape.ts";
import { PairRandom } from "./random.ts";

const delayMs = 25;
const trace = Array.from({ length: 300 }, (_, at) => (at % 3) * 4 + Math.log(1 + at));
const traceMean = trace.reduce((sum, value) => sum + value) / trace.length;
const asked: Record<string, Jitter> = {
  normal: { spreadMs: 10, distribution: "normal", reorder: false },
  uniform: { spreadMs: 15, distribution: "uniform", reorder: false },
  pareto: { spreadMs: 10, distribution: "pareto", reorder: false },
  trace: {
    spreadMs: 0,
    distribution: "trace",
    reorder: false,
    offsetsMs: trace.map((value) => value - traceMean).sort((a, b) => a - b),
  },
};

type Probing = { everyMs: number; seconds: number; poisson?: boolean };

function measure(jitter: Jitter, seed: number, { everyMs, seconds, poisson }: Probing) {
  const random = new PairRandom(seed, 2);
  const process = new OrderedJitter(random, 1);
  const shape = jitterShape(jitter)!;
  const startNs = 1e12 + seed * 7.7e6;
  const dueNs: number[] = [];
  const delays: number[] = [];
  for (let atNs = startNs; atNs < startNs + seconds * 1e9; ) {
    const delay = Math.max(0, delayMs * 1e6 + process.deviationNs(0, shape, atNs));
    delays.push(delay / 1e6);
    dueNs.push(atNs + delay);
    atNs += everyMs * 1e6 * (poisson ? -Math.log(1 - random.next(1)) : 1);
  }
  const mean = delays.reduce((sum, value) => sum + value, 0) / delays.length;
  const variance = delays.reduce((sum, value) => sum + (value - mean) ** 2, 0) / delays.length;
  // Due times carry an eighth of a nanosecond of rounding at this size.
  const overtakers = dueNs.filter((due, at) => at > 0 && due < dueNs[at - 1]! - 1).length;
  return { mean, spread: Math.sqrt(variance), delays, overtakers, shape };
}

const seeds = 100;

/** Of 100 seeds: how many measure mean and spread within 5 % of what was asked. Fails when a packet overtakes. */
function seedsWithin(jitter: Jitter, probing: Probing): { mean: number; spread: number } {
  const within = { mean: 0, spread: 0 };
  for (let seed = 0; seed < seeds; seed++) {
    const { mean, spread, overtakers, shape } = measure(jitter, seed, probing);
    assert.equal(overtakers, 0, `seed ${seed}`);
    if (Math.abs(mean / delayMs - 1) < 0.05) within.mean++;
    if (Math.abs((spread * 1e6) / shape.spreadNs - 1) < 0.05) within.spread++;
  }
  return within;
}

for (const [name, jitter] of Object.entries(asked)) {
  for (const everyMs of [1, 5, 20]) {
    test(`${name}: ten seconds of probes every ${everyMs} ms find mean and spread within 5 %, in order`, () => {
      const { mean, spread } = seedsWithin(jitter, { everyMs, seconds: 10 });
      assert.ok(mean >= 97 && spread >= 97, `within 5 %: mean ${mean}, spread ${spread} of ${seeds}`);
    });
  }
  test(`${name}: a minute of probes every 100 ms finds mean and spread within 5 %, in order`, () => {
    const { mean, spread } = seedsWithin(jitter, { everyMs: 100, seconds: 60 });
    assert.ok(mean >= 97 && spread >= 97, `within 5 %: mean ${mean}, spread ${spread} of ${seeds}`);
  });
}

test("normal: ten seconds of Poisson probes, 5 ms apart on average, find mean and spread within 5 %", () => {
  const { mean, spread } = seedsWithin(asked.normal!, { everyMs: 5, seconds: 10, poisson: true });
  assert.ok(mean >= 97 && spread >= 97, `within 5 %: mean ${mean}, spread ${spread} of ${seeds}`);
});

test("the whole distribution is there, not its mean and spread alone", () => {
  const { delays } = measure(asked.normal!, 4, { everyMs: 5, seconds: 120 });
  delays.sort((a, b) => a - b);
  for (const [share, wanted] of [
    [0.05, 25 - 16.4],
    [0.25, 25 - 6.7],
    [0.5, 25],
    [0.75, 25 + 6.7],
    [0.95, 25 + 16.4],
  ] as const) {
    const found = delays[Math.floor(share * delays.length)]!;
    assert.ok(Math.abs(found - wanted) < 1, `quantile ${share}: ${found}, wanted ${wanted}`);
  }
});

test("packets further apart than an epoch look independent", () => {
  const { delays, mean, spread } = measure(asked.normal!, 2, { everyMs: 110, seconds: 600 });
  let product = 0;
  for (let at = 1; at < delays.length; at++) product += (delays[at]! - mean) * (delays[at - 1]! - mean);
  const correlation = product / (delays.length - 1) / spread ** 2;
  assert.ok(Math.abs(correlation) < 0.1, `correlation of neighbours ${correlation}`);
});

test("packets back to back feel one delay", () => {
  const process = new OrderedJitter(new PairRandom(1, 1), 1);
  const shape = jitterShape(asked.normal!)!;
  const first = process.deviationNs(0, shape, 1e9);
  assert.ok(Math.abs(process.deviationNs(0, shape, 1e9 + 12_000) - first) <= 12_000);
});

test("a jitter without spread is none", () => {
  assert.equal(jitterShape({ spreadMs: 0, distribution: "normal", reorder: false }), undefined);
  assert.equal(
    jitterShape({ spreadMs: 9, distribution: "trace", reorder: false, offsetsMs: [0, 0] }),
    undefined,
  );
});

test("by choice of reordering each packet draws for itself, with the asked mean and spread", () => {
  const random = new PairRandom(6, 1);
  for (const jitter of Object.values(asked)) {
    const shape = jitterShape(jitter)!;
    const draws = Array.from({ length: 20_000 }, () => independentDeviationNs(random, 0, shape));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length);
    assert.ok(Math.abs(mean - shape.meanNs) < 0.03 * shape.spreadNs, `${jitter.distribution}: mean ${mean}`);
    assert.ok(Math.abs(spread / shape.spreadNs - 1) < 0.03, `${jitter.distribution}: spread ${spread}`);
  }
});
