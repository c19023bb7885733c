import assert from "node:assert/strict";
import { test } from "node:test";
import { schema } from "../records/schema.ts";
import { fromRows } from "../sources/from-rows.ts";
import { count } from "./aggregates.ts";
import { describePlan, planDocument } from "./describe-plan.ts";
import { written } from "./run-for-tests.ts";
import { tumbling } from "./windows.ts";

const bid = schema({ auction: "integer", price: "integer" });
const { plan } = written((flow) => {
  flow
    .source(fromRows(bid, []))
    .on("generator")
    .keyBy("auction")
    .window(tumbling("10s"))
    .aggregate(count("bids"))
    .id("counts")
    .sink({ name: "nowhere", make: () => ({ onBatch: () => undefined }) })
    .parallelism(1);
});

test("a plan reads as tasks, what each operator puts out, and what the edges carry", () => {
  assert.equal(
    describePlan(plan(2)),
    `job test, maximum parallelism 128

task 1, parallelism 2, on generator
  source-1       0 rows         auction
  counts.before  pre-aggregate  auction, accumulator0
  counts.before → task 2, counts: by hash of auction, with auction, accumulator0

task 2, parallelism 2
  counts  window-aggregate  auction, windowStart, windowEnd, bids
  counts → task 3, sink-1: by rebalance, with auction, windowStart, windowEnd, bids

task 3, parallelism 1
  sink-1  nowhere
`,
  );
});

test("a plan's document names operators by id", () => {
  const { edges, tasks } = planDocument(plan(2));
  assert.deepEqual(
    edges.map(({ from, to, input, by, key }) => [from, to, input, by, key]),
    [
      ["counts.before", "counts", 1, "hash", "auction"],
      ["counts", "sink-1", 0, "rebalance", undefined],
    ],
  );
  assert.deepEqual(tasks[1]!.operators[0]!.outputs[""], {
    auction: "integer",
    windowStart: "timestamp",
    windowEnd: "timestamp",
    bids: "integer",
  });
});
