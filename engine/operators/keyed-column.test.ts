import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { keyedColumn } from "./keyed-column.ts";
import { OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";

const input = schema({ key: "utf8", value: "integer" });
const output = schema({ key: "utf8", value: "integer", sum: "integer" });
const runningSum = () =>
  keyedColumn({
    input,
    key: "key",
    output,
    column: "sum",
    state: ["total"],
    each(row, state) {
      state.total! += row.value as number;
      return state.total!;
    },
  });

const row = fc.record({ key: fc.constantFrom("a", "b", "é", ""), value: fc.integer() });

test("each row gets what its key amounts to so far, across batches and a restore", () => {
  fc.assert(
    fc.property(fc.array(fc.array(row)), fc.nat(4), (batches, restoreAfter) => {
      const totals = new Map<string, number>();
      const expected = batches.flat().map(({ key, value }) => {
        totals.set(key, (totals.get(key) ?? 0) + value);
        return { key, value, sum: totals.get(key)! + 0 };
      });
      let harness = new OperatorHarness(runningSum());
      const results: PlainRow[] = [];
      for (const [index, batch] of batches.entries()) {
        results.push(...harness.rows(input, batch).take());
        if (index === restoreAfter)
          harness = new OperatorHarness(runningSum(), { restore: [harness.snapshot()] });
      }
      assert.deepEqual(results, expected);
    }),
  );
});
