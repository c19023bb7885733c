import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CandidateSearch } from "./candidate-search.ts";
import { nearAndFar, rightModel, running } from "./policy-input-for-tests.ts";

test("the fewest that will do are those that trying all would find", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 30_000 }), (near, need) => {
      const input = running(nearAndFar(near, 40), { on: ["near1"], asked: 10, bounds: { min: 1, max: 500 } });
      const search = new CandidateSearch(input, "capacity", need);
      const found = search.fewest(({ predicted }) => predicted.mst >= need * 0.999999);
      const carried = near * 100 + 40 * 40;
      if (need > carried) return assert.equal(found, undefined);
      const expected =
        need <= near * 100 ? Math.ceil(need / 100) : near + Math.ceil((need - near * 100) / 40);
      assert.equal(found?.configuration.seats.length, expected);
    }),
    { numRuns: 100 },
  );
});

test("with even shares the best is where the next far node would take throughput", () => {
  const input = running(nearAndFar(30, 60), { on: ["near1"], asked: 10, bounds: { min: 1, max: 500 } });
  const best = new CandidateSearch(input, "even", 1000).best();
  // 30 near ones carry 3000; it takes 76 seats at 40 each to carry more.
  assert.equal(best?.configuration.seats.length, 90);
  const fewer = running(nearAndFar(30, 40), { on: ["near1"], asked: 10, bounds: { min: 1, max: 500 } });
  assert.equal(new CandidateSearch(fewer, "even", 1000).best()?.configuration.seats.length, 30);
});

test("a thousand nodes are searched with a number of predictions that hardly grows", () => {
  const world = nearAndFar(600, 400);
  let predictions = 0;
  const right = rightModel(world);
  const base = running(world, { on: ["near1"], asked: 10, forMs: 2000, bounds: { min: 1, max: 1000 } });
  const input = {
    ...base,
    predict: (configuration: Parameters<typeof right>[0]) => {
      if (configuration.seats.length > 1) predictions++;
      return right(configuration);
    },
  };
  const search = new CandidateSearch(input, "capacity", 50_000);
  assert.equal(search.fewest(({ predicted }) => predicted.mst >= 49_999.99)?.configuration.seats.length, 500);
  search.best();
  assert.ok(predictions < 80, `${predictions}`);
});
