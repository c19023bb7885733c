import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";
import { topOfBatch, topOfBatchOutput } from "./top-of-batch.ts";
import { topOfWindow } from "./top-of-window.ts";

const input = schema({ name: "utf8", price: "integer" });
const config = { input, by: "price", sizeMs: 10 };

type Bid = { name: string; price: number; $time: number };
const bid: fc.Arbitrary<Bid> = fc.record({
  name: fc.string({ maxLength: 3 }),
  price: fc.integer({ min: 0, max: 5 }),
  $time: fc.integer({ min: -30, max: 60 }),
});

/** Rows by window, whatever the order within. */
function expected(bids: readonly Bid[]): string[] {
  const windows = Map.groupBy(bids, ({ $time }) => Math.floor($time / 10) * 10);
  return [...windows]
    .flatMap(([startMs, members]) => {
      const most = Math.max(...members.map(({ price }) => price));
      return members
        .filter(({ price }) => price === most)
        .map(({ name, price }) => JSON.stringify({ name, price, $time: startMs + 9 }));
    })
    .sort();
}

function throughBoth(batches: readonly (readonly Bid[])[], restoreAfter: number): string[] {
  const results: PlainRow[] = [];
  const first = new OperatorHarness(topOfBatch(config));
  let second = new OperatorHarness(topOfWindow(config));
  for (const [index, batch] of batches.entries()) {
    first.rows(input, batch);
    second.rows(topOfBatchOutput(config), first.take());
    if (index !== restoreAfter) continue;
    results.push(...second.take());
    second = new OperatorHarness(topOfWindow(config), { restore: [second.snapshot(1)] });
  }
  second.watermark(Number.POSITIVE_INFINITY);
  results.push(...second.take());
  return results.map(({ name, price, $time }) => JSON.stringify({ name, price, $time })).sort();
}

test("each window gives all of its largest rows, whatever the batches and a restore on the way", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(bid, { maxLength: 12 }), { maxLength: 6 }),
      fc.nat(6),
      (batches, restoreAfter) => {
        assert.deepEqual(throughBoth(batches, restoreAfter), expected(batches.flat()));
      },
    ),
  );
});

test("a window is given when the watermark reaches its end, and what comes later is dropped and counted", () => {
  const top = new OperatorHarness(topOfWindow(config));
  const keyed = topOfBatchOutput(config);
  top.rows(keyed, [{ name: "a", price: 3, $key: 0, $time: 4 }]);
  top.watermark(9);
  assert.deepEqual(top.take(), []);
  top.watermark(10);
  assert.deepEqual(top.take(), [{ name: "a", price: 3, $time: 9 }]);
  top.rows(keyed, [{ name: "b", price: 5, $key: 0, $time: 4 }]);
  top.watermark(20);
  assert.deepEqual(top.take(), []);
  assert.deepEqual(top.operator.metrics?.(), { lateRecords: 1 });
});
