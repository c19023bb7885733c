import assert from "node:assert/strict";
import { test } from "node:test";
import { Flow } from "../dataflow/flow.ts";
import { planJob } from "../dataflow/planner.ts";
import type { SplitSourceSpec } from "../dataflow/source-spec.ts";
import { schema } from "../records/schema.ts";
import { nexmarkEvents } from "../sources/nexmark/nexmark-events.ts";
import { SlowestSource, withAlignment } from "./slowest-source.ts";

const settings = { flushMs: 1, batchRows: 1, bufferBytes: 1, mode: "aligned" } as const;
const fields = schema({ id: "int32" });
const source = (aheadMs?: number): SplitSourceSpec<{ all: { id: "int32" } }> => ({
  name: "source",
  outputs: { all: fields },
  make: () => assert.fail("is only planned"),
  ...(aheadMs === undefined ? {} : { aheadMs }),
});
const plan = (...sources: ReturnType<typeof source>[]) => {
  const flow = new Flow();
  for (const each of sources)
    flow.source(each).all.sink({ name: "none", make: () => assert.fail("is only planned") });
  return planJob(flow.graph, { name: "job", parallelism: 2, maxParallelism: 128, parallelismOf: {} });
};

test("all are told how far the slowest is whenever that is news, and that nobody is at work any more", () => {
  const slowest = new SlowestSource(80);
  assert.equal(slowest.heard("w1", 100), 100);
  assert.equal(slowest.heard("w2", 95), undefined);
  assert.equal(slowest.heard("w2", 130), undefined, "w1 is at 100");
  assert.equal(slowest.heard("w1", 120), 120);
  assert.equal(slowest.heard("w1", null), 130);
  assert.equal(slowest.heard("w2", null), null);
  assert.equal(slowest.heard("w2", null), undefined);
});

test("sources are kept as close as the closest of them asks, if all ask; who runs the job has the last word", () => {
  const kept = (...sources: (number | undefined)[]) =>
    withAlignment(settings, plan(...sources.map(source))).alignmentMs;
  assert.equal(kept(300, 200), 200);
  assert.equal(
    kept(300, undefined),
    undefined,
    "what is live may be far ahead of what is read again, or behind it",
  );
  assert.equal(kept(undefined), undefined);
  assert.equal(withAlignment({ ...settings, alignmentMs: 5 }, plan(source(200))).alignmentMs, 5);
  assert.ok(
    !(
      "alignmentMs" in
      withAlignment({ ...settings, alignmentMs: Number.POSITIVE_INFINITY }, plan(source(200)))
    ),
  );
});

test("Nexmark's sources stay within two million events unless a rate paces them", () => {
  const rates = {
    firstEventRate: 10_000,
    nextEventRate: 20_000,
    ratePeriodSec: 600,
    rateShape: "sine",
  } as const;
  const layout = { events: 0, generators: 1, blockSplits: 2, blockEvents: 10, rates };
  assert.equal(nexmarkEvents({ ...layout, rate: 0 }).aheadMs, 200_000);
  assert.equal(nexmarkEvents({ ...layout, rate: 5 }).aheadMs, undefined);
});
