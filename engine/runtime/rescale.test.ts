/** Jobs are stopped in the middle, with records in flight, and go on at another parallelism: nothing may show of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeManifest } from "../checkpoint/manifest.ts";
import type { Part } from "../checkpoint/part.ts";
import { coarseKeys, countingJob, type JobSettings, keys, type Row } from "./job-for-tests.ts";
import { LocalCluster } from "./local-cluster-for-tests.ts";

const recordsPerSplit = 400;
const records = recordsPerSplit * 24;

function assertCounted(rows: readonly Row[], keyOf: (row: Row) => number, keyCount: number): void {
  assert.equal(rows.length, records);
  const counts = new Map<number, number>();
  for (const row of rows) {
    const count = (counts.get(keyOf(row)) ?? 0) + 1;
    assert.equal(row.count, count, `record ${row.number} of key ${row.key}`);
    counts.set(keyOf(row), count);
  }
  assert.equal(counts.size, keyCount);
}

function assertInOrder(rows: readonly Row[]): void {
  const last = new Map<number, number>();
  for (const { key, number } of rows) {
    assert.ok(number > (last.get(key) ?? -1), `record ${number} of key ${key} comes after ${last.get(key)}`);
    last.set(key, number);
  }
}

for (const mode of ["aligned", "unaligned"] as const) {
  for (const [before, after] of [
    [1, 2],
    [2, 3],
    [3, 7],
    [4, 8],
    [20, 21],
  ] as const) {
    for (const [from, to] of [
      [before, after],
      [after, before],
    ] as const) {
      test(`a job stopped by an ${mode} checkpoint goes on from ${from} at ${to}: each record once, in order of its key`, () => {
        const byKey: Row[] = [];
        const byCoarseKey: Row[] = [];
        const planOf = (parallelism: number) => () =>
          countingJob({ parallelism, recordsPerSplit, byKey, byCoarseKey } satisfies JobSettings);
        const runtime = { bufferBytes: 64 * 1024, batchRows: 8 };
        const first = new LocalCluster({ workers: Math.min(from, 3), plan: planOf(from), runtime });
        first.start();
        // The first worker works more than the others, so that queues fill.
        while (byKey.length < records / 4) {
          for (let turns = 0; turns < 5; turns++) first.turn([0]);
          first.turn();
        }
        const manifest = first.takeCheckpoint("stop", mode);
        const stoppedAt = byKey.length;
        first.close();
        assert.ok(stoppedAt < records);
        const parts = decodeManifest(first.blobs.get(manifest)!, manifest).parts.map(
          ({ part }) => part as Part,
        );
        const inFlight = parts.reduce((sum, part) => sum + part.inFlight.length, 0);
        if (mode === "aligned") assert.equal(inFlight, 0);
        else if (from > 1) assert.ok(inFlight > 0, "the test is of use only with records in flight");
        const second = new LocalCluster({
          ...{ workers: Math.min(to, 2), plan: planOf(to), runtime },
          ...{ blobs: first.blobs, restore: manifest, firstCheckpoint: 2 },
        });
        second.start();
        second.runToEnd();
        second.close();
        assertCounted(byKey, ({ key }) => key, keys);
        assertInOrder(byKey);
        assertCounted(byCoarseKey, ({ key }) => key % coarseKeys, coarseKeys);
      });
    }
  }
}
