import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#testbed/seeded-random.ts";
import type { Asked } from "./asked.ts";
import { nothingAsked } from "./asked-for-tests.ts";
import { planProbes, probesPerSecond } from "./probe-counts.ts";
import { scheduleProbes } from "./probe-schedule.ts";
import { probeBytes } from "./probe-size.ts";

const couples = (count: number, asked: Partial<Asked> = {}, rates: number[] = []) =>
  Array.from({ length: count }, () => ({
    forward: { ...nothingAsked, ...asked },
    back: nothingAsked,
    rates,
  }));
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

test("a pair of which little is asked gets 60 probes in two seconds", () => {
  assert.deepEqual(planProbes(couples(2), []), { windowMs: 2000, counts: [60, 60] });
});

test("the rarer the loss, the more probes, up to what fits the pace", () => {
  const one = (lossRatio: number) => planProbes(couples(1, { lossRatio }), []).counts[0]!;
  assert.equal(one(0.1), 200);
  assert.equal(one(0.01), 2000);
  assert.equal(one(0.001), 4000);
  const { windowMs, counts } = planProbes(couples(105, { lossRatio: 0.001 }), []);
  const room = (probesPerSecond * windowMs) / 1000;
  assert.ok(2 * sum(counts) <= room && 2 * sum(counts) > 0.98 * room);
});

test("who wants little is served before the rest share what is left", () => {
  const { counts } = planProbes([...couples(100, { lossRatio: 0.001 }), ...couples(5)], []);
  assert.deepEqual(counts.slice(100), [60, 60, 60, 60, 60]);
  assert.ok(counts[0]! > 300);
});

test("probes take no more than a tenth of a slow link that they share", () => {
  const { windowMs, counts } = planProbes(couples(14, {}, [0]), [1e6]);
  const bits = sum(counts) * probeBytes(4) * 8;
  assert.ok(bits <= 1e6 * (windowMs / 1000) * 0.1);
  assert.ok(Math.min(...counts) >= 8);
});

test("a slow prober's probes are no more than it can take, shared by all of its pairs; others keep theirs", () => {
  const [slow, fast] = [couples(3, { lossRatio: 0.01 }), couples(2, { lossRatio: 0.01 })];
  const all = [...slow.map((couple) => ({ ...couple, slow: [0] })), ...fast];
  const { windowMs, counts } = planProbes(all, [], undefined, [90]);
  assert.ok(sum(counts.slice(0, 3)) <= (90 * windowMs) / 1000);
  assert.ok(Math.min(...counts.slice(0, 3)) >= 100);
  assert.deepEqual(counts.slice(3), [2000, 2000]);
});

test("very many pairs take longer rather than going without", () => {
  const { windowMs, counts } = planProbes(couples(10_000), []);
  assert.equal(windowMs, (10_000 * 2 * 8 * 1000) / probesPerSecond);
  assert.ok(Math.min(...counts) === 8);
});

test("a schedule holds every probe once, in order of time, and each couple's evenly", () => {
  const { atMs, couple } = scheduleProbes([3, 10], 1000, seededRandom(1));
  assert.equal(atMs.length, 13);
  assert.deepEqual(
    [...atMs],
    [...atMs].sort((a, b) => a - b),
  );
  const second = [...atMs].filter((_, index) => couple[index] === 1);
  second.forEach((at, turn) => {
    assert.ok(at >= turn * 100 && at < (turn + 1) * 100);
  });
});
