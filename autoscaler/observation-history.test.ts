import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "./observation.ts";
import { ObservationHistory } from "./observation-history.ts";
import { nearAndFar, running } from "./policies/policy-input-for-tests.ts";

const seen = running(nearAndFar(2, 0), { on: ["near1", "near2"], asked: 100, forMs: 200_000 }).history;
const filled = (observations: readonly Observation[], keepMs: number) => {
  const history = new ObservationHistory(keepMs);
  for (const observation of observations) history.add(observation);
  return history;
};

test("old observations go, older ones keep their totals only, and the network is the newest one's", () => {
  const { all } = filled(seen, 100_000);
  assert.equal(all.at(-1), seen.at(-1));
  assert.equal(all[0]!.atMs, 100_000);
  assert.equal(all.filter(({ seats }) => seats.length > 0)[0]!.atMs, 140_000);
  assert.equal(all[0]!.askedPerSecond, 100);
  assert.deepEqual(all.filter(({ network }) => network.nodes.length > 0).length, 1);
});

test("very many seats are kept whole for as long as the budget says, and the newest always", () => {
  const seats = Array.from({ length: 15_000 }, () => ({ node: "near1", share: 1 }));
  const { all } = filled(
    seen.slice(0, 5).map((observation) => ({ ...observation, seats })),
    100_000,
  );
  assert.deepEqual(
    all.map((observation) => observation.seats.length),
    [0, 0, 0, 0, 15_000],
  );
});

test("figures that are not newer than the last are refused", () => {
  const history = filled(seen.slice(0, 3), 100_000);
  assert.equal(history.add(seen[2]!), false);
  assert.equal(history.add(seen[0]!), false);
  assert.equal(history.all.length, 3);
});

test("what was measured stands at the newest", () => {
  const history = filled(seen.slice(0, 3), 100_000);
  const mst = { mst: 5, low: 4, high: 6 };
  assert.deepEqual(history.amendNewest({ mst })?.mst, mst);
  assert.deepEqual(history.all.at(-1)?.mst, mst);
  assert.equal(new ObservationHistory(1).amendNewest({ mst }), undefined);
});
