import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { fromRows } from "./from-rows.ts";
import { prunedTo, SourceHarness } from "./source-for-tests.ts";

const readings = schema({ at: "timestamp", name: "utf8?" });
const someRows = fc.array(fc.record({ at: fc.nat(1000), name: fc.option(fc.string()) }), { maxLength: 60 });

test("subtasks together give every row once with its event time, none behind the watermark, over a rescale too", () => {
  const settings = { time: ({ at }: { at: number }) => at, splits: 6, batchRows: 4, blockRows: 2 };
  const parallelisms = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(someRows, parallelisms, parallelisms, (rows, from, to) => {
      const harnessOf = (at: object) =>
        new SourceHarness(fromRows(readings, rows, settings).make(["at", "name"], readings, true), at);
      const take = (harness: SourceHarness, batches: number) =>
        Array.from({ length: batches }, () => {
          const { watermarkMs } = harness.source;
          const batch = harness.rows(0, 1);
          for (const row of batch) assert.ok(row.$time === row.at && Number(row.at) >= watermarkMs);
          return batch.map(({ at, name }) => ({ at, name }));
        }).flat();
      const first = Array.from({ length: from }, (_, subtask) => harnessOf({ subtask, parallelism: from }));
      const before = first.flatMap((harness, subtask) => take(harness, subtask));
      const restore = first.flatMap((harness) => harness.snapshot());
      const after = Array.from({ length: to }, (_, subtask) =>
        take(harnessOf({ subtask, parallelism: to, restore }), rows.length),
      );
      const sorted = (all: readonly object[]) => all.map((row) => JSON.stringify(row)).sort();
      assert.deepEqual(sorted([...before, ...after.flat()]), sorted(rows));
    }),
  );
});

test("columns that nobody reads are left out, and rows without a time have none", () => {
  const pruned = prunedTo(readings, ["name"]);
  const source = fromRows(readings, [{ at: 1, name: "a" }]).make(["name"], pruned, true);
  assert.deepEqual(new SourceHarness(source).rows(), [{ name: "a" }]);
  assert.equal(source.watermarkMs, Number.NEGATIVE_INFINITY);
});
