import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RescaleReport } from "../coordinator/rescale.ts";
import { counting, finished, started, until } from "./cluster-for-tests.ts";
import { faultsWithoutOrder, publishedLines } from "./counted-for-tests.ts";

const steps = [1, 2, 3, 7, 4, 8, 20, 21, 20, 8, 4, 7, 3, 2, 1];
const events = 360_000;

for (const mode of ["aligned", "unaligned"] as const) {
  test(`up and down ${steps.join(" → ")} from ${mode} savepoints, every record counts once and each key on`, {
    timeout: 300_000,
  }, async (t) => {
    const job = counting(t, { events: `${events}`, rate: "15k/s" }, steps[0]!);
    const cluster = await started(t, job.options({ checkpoints: { intervalMs: 1_000, mode } }));
    await until(() => cluster.coordinator.status().state === "running");
    const stoodStillMs: number[] = [];
    for (const parallelism of steps.slice(1)) {
      await sleep(200);
      const response = await fetch(`http://127.0.0.1:${cluster.coordinator.apiPort}/rescale`, {
        method: "POST",
        headers: { Authorization: `Bearer ${cluster.token}` },
        body: JSON.stringify({ parallelism, mode }),
      });
      const report = (await response.json()) as RescaleReport;
      assert.deepEqual([response.status, report.outcome], [200, "done"], JSON.stringify(report));
      assert.equal(cluster.coordinator.status().tasks.at(-1)?.parallelism, parallelism);
      stoodStillMs.push(Math.round(report.standStillMs));
    }
    t.diagnostic(`stood still for ${stoodStillMs.join(", ")} ms`);
    await finished(cluster, job, 120_000);
    assert.deepEqual(faultsWithoutOrder(publishedLines(job.out), events), []);
  });
}
