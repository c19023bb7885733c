import assert from "node:assert/strict";
import { test } from "node:test";
import { demandOf, expectedWithin } from "./demand.ts";
import { nearAndFar, running } from "./policy-input-for-tests.ts";
import { rooflineDefaults } from "./roofline-settings.ts";

const of = (asked: (atMs: number) => number, forMs = 300_000) =>
  demandOf(running(nearAndFar(4, 0), { on: ["near1"], asked, forMs }).history, rooflineDefaults)!;
/** Even, from −1 to 1, the same every time. */
const noise = (atMs: number) => ((atMs * 7919) % 2003) / 1001.5 - 1;

test("a ramp is seen as one, and goes on in what is expected", () => {
  const demand = of((atMs) => 100 + atMs / 1000);
  assert.ok(Math.abs(demand.slope - 1) < 0.01, `${demand.slope}`);
  assert.ok(Math.abs(expectedWithin(demand, 60_000) - 458) < 10);
});

test("a step is a level and no trend, whenever it came", () => {
  for (let agoMs = 0; agoMs < 70_000; agoMs += 1000) {
    const demand = of((atMs) => (atMs > 300_000 - agoMs ? 200 : 100));
    assert.equal(demand.slope, 0, `${agoMs}`);
  }
});

test("noise of a tenth is no trend that matters", () => {
  const demand = of((atMs) => 100 + 10 * noise(atMs));
  assert.ok(Math.abs(expectedWithin(demand, 90_000) - 100) < 12);
});

test("what falls is not expected to fall", () => {
  const falling = of((atMs) => 500 - atMs / 1000);
  assert.ok(falling.slope < -0.9);
  assert.equal(expectedWithin(falling, 60_000), falling.now);
});

test("one odd figure does not move the level, and figures that were never there are no zeros", () => {
  const odd = of((atMs) => (atMs === 299_000 ? 5000 : 100));
  assert.equal(odd.now, 100);
  const { history } = running(nearAndFar(4, 0), { on: ["near1"], asked: 100 });
  const gaps = history.map((seen, index) => {
    const { askedPerSecond: _, ...rest } = seen;
    return index % 3 === 0 ? rest : seen;
  });
  assert.equal(demandOf(gaps, rooflineDefaults)!.now, 100);
  const blind = history.map(({ askedPerSecond: _, ...rest }) => rest);
  assert.equal(demandOf(blind, rooflineDefaults), undefined);
});
