import assert from "node:assert/strict";
import { test } from "node:test";
import { schema } from "../records/schema.ts";
import { collectSink } from "../sinks/collect.ts";
import { fromRows } from "../sources/from-rows.ts";
import { CacheBudget } from "../state/disk/cache-budget.ts";
import { DiskState } from "../state/disk/disk-state.ts";
import { MemoryState, type StateSettings } from "../state/memory-state.ts";
import { rowsOf, written } from "./run-for-tests.ts";
import { runInline } from "./run-inline.ts";

const record = schema({ v: "integer", at: "timestamp" });

/** Each window has two records, far apart in the stream, and none ends before all are there. */
async function tops(makeState: (settings: StateSettings) => MemoryState): Promise<number[]> {
  const rows = Array.from({ length: 400 }, (_, n) => ({ v: n, at: (n % 200) * 1000 }));
  const found: number[] = [];
  const { plan } = written((flow) =>
    flow
      .source(fromRows(record, rows, { batchRows: 50 }))
      .assignTimestamps("at", { grace: "1h" })
      .topPerWindow("1s", "v")
      .sink(collectSink((row) => found.push((row as { v: number }).v))),
  );
  await runInline(plan(), { nowMs: () => 0, makeState });
  return found;
}

test("topPerWindow gives the same whether its windows are in memory or most of them on disk", async () => {
  const wanted = Array.from({ length: 200 }, (_, window) => window + 200);
  assert.deepEqual(await tops((settings) => new MemoryState(settings)), wanted);
  const budget = new CacheBudget(1000);
  assert.deepEqual(await tops((settings) => new DiskState({ ...settings, budget })), wanted);
});

test("topPerWindow of records without event time says so", async () => {
  const run = rowsOf((flow) => flow.source(fromRows(record, [{ v: 1, at: 1 }])).topPerWindow("1s", "v"));
  await assert.rejects(run, { code: "no-event-time" });
});
