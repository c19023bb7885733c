import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { keyedAggregate } from "./keyed-aggregate.ts";
import { keyedReduce } from "./keyed-reduce.ts";
import type { Operator } from "./operator.ts";
import { OperatorHarness } from "./operator-harness-for-tests.ts";
import { plainProcess } from "./plain-process.ts";

const bids = schema({ auction: "integer", price: "integer", bidder: "utf8?" });
const someBids = fc.array(
  fc.record({ auction: fc.nat(3), price: fc.nat(100), bidder: fc.option(fc.string()) }),
  { maxLength: 50 },
);

/** Results of a half before a restore and one after it. */
function throughRestore(make: () => Operator, rows: readonly Record<string, unknown>[]) {
  const half = rows.length >> 1;
  const first = new OperatorHarness(make()).rows(bids, rows.slice(0, half));
  const second = new OperatorHarness(make(), { restore: [first.snapshot()] }).rows(bids, rows.slice(half));
  return [...first.take(), ...second.take()];
}

test("a reduction puts out each key's total after each of its rows, over a restore too", () => {
  const highest = () =>
    keyedReduce({
      input: bids,
      key: "auction",
      reduce: (total: Record<string, unknown>, row) => {
        if (Number(row.price) <= Number(total.price)) return;
        total.price = row.price;
        total.bidder = row.bidder;
      },
    });
  fc.assert(
    fc.property(someBids, (rows) => {
      const best = new Map<number, object>();
      const wanted = rows.map((row) => {
        const before = best.get(row.auction) as typeof row | undefined;
        if (before === undefined || row.price > before.price) best.set(row.auction, row);
        return { ...best.get(row.auction) };
      });
      assert.deepEqual(throughRestore(highest, rows), wanted);
    }),
  );
});

test("an aggregation puts out what each key's rows amount to so far", () => {
  const output = schema({ auction: "integer", mean: "float64" });
  const mean = () =>
    keyedAggregate({
      input: bids,
      key: "auction",
      output,
      accumulator: { sum: "float64", count: "int32" },
      add: (accumulator: Record<string, unknown>, row) => {
        accumulator.sum = Number(accumulator.sum) + Number(row.price);
        accumulator.count = Number(accumulator.count) + 1;
      },
      result: ({ sum, count }, key) => ({ auction: key, mean: Number(sum) / Number(count) }),
    });
  fc.assert(
    fc.property(someBids, (rows) => {
      const prices = new Map<number, number[]>();
      const wanted = rows.map(({ auction, price }) => {
        const known = [...(prices.get(auction) ?? []), price];
        prices.set(auction, known);
        return { auction, mean: known.reduce((sum, one) => sum + one, 0) / known.length };
      });
      assert.deepEqual(throughRestore(mean, rows), wanted);
    }),
  );
});

test("a function without keys keeps what it puts into its list at a barrier", () => {
  const counting = () => {
    let count = 0;
    return plainProcess({
      input: bids,
      output: schema({ count: "integer" }),
      function: {
        onOpen: (context) => {
          count = context.list("count", "split").entries[0]?.[0] ?? 0;
        },
        onRow: () => {
          count++;
        },
        onBarrier: (context) => context.list("count", "split").replace([Uint8Array.of(count)]),
        onEnd: (_context, out) => out.emit({ count }),
      },
    });
  };
  const row = { auction: 1, price: 1 };
  const first = new OperatorHarness(counting()).rows(bids, [row, row]);
  const second = new OperatorHarness(counting(), { restore: [first.snapshot()] });
  assert.deepEqual(second.rows(bids, [row]).end().take(), [{ count: 3 }]);
});
