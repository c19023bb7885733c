import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineMetrics } from "#engine/engine.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { startBrumeEngine } from "./brume-engine.ts";

const labs = new TestLabs();
const lab = await labs.open(`
name: brume-engine
fabric: wire
defaults: { device: none }
nodes: { coord: { role: coordinator }, gen: { role: generator }, dsp1: {}, dsp2: {}, dsp3: {} }
network: { pairs: [ { delay: 3ms } ] }
`);
after(() => labs.end());

const patienceMs = 30_000;

test("a job starts where it is told, makes what its load says, is rescaled by shares and nodes, and stops with a savepoint", async (t) => {
  const engine = await startBrumeEngine(lab, {
    name: "job",
    job: { use: "map", settings: { keys: "1k", work: "100us" } },
    first: { operator: "map", workers: ["dsp1", "dsp2"], shares: [0.5, 0.5] },
    engine: {
      use: "brume",
      checkpoints: { everyMs: 500, store: "folder", mode: "aligned" },
      ...{ bufferBytes: 1 << 20, batchRows: 4096, flushMs: 20 },
    },
    store: `folder:${mkdtempSync(join(labs.root, "store-"))}`,
    onEvent: () => undefined,
    onLine: () => undefined,
  });
  t.after(() => engine.end());

  const until = async (what: string, isSo: (metrics: EngineMetrics) => boolean): Promise<EngineMetrics> => {
    for (const endMs = performance.now() + patienceMs; ; await sleep(100)) {
      const metrics = await engine.metrics();
      if (isSo(metrics)) return metrics;
      assert.ok(performance.now() < endMs, `${what}: not yet; ${JSON.stringify(metrics)}`);
    }
  };
  const of = ({ subtasks }: EngineMetrics, operator: string) =>
    subtasks.filter(({ operators }) => operators.includes(operator));
  const made = (metrics: EngineMetrics) =>
    of(metrics, "records").reduce((sum, one) => sum + one.recordsOut, 0);

  const waiting = await until(
    "figures of all subtasks",
    (metrics) => metrics.state === "running" && metrics.subtasks.length === 3,
  );
  assert.deepEqual(waiting.placement.map?.workers, ["dsp1", "dsp2"]);
  assert.deepEqual(waiting.placement.records?.workers, ["gen"]);
  assert.equal(made(waiting), 0, "without a load nothing is made");

  await engine.load({ steps: [{ ratePerSecond: 500, forMs: 0 }], fresh: true });
  const flowing = await until("a thousand records", (metrics) => made(metrics) >= 1000);
  assert.ok(made(flowing) < 10_000, "no faster than it was told");
  for (const subtask of of(flowing, "map")) {
    assert.ok(subtask.bytesIn! > 0 && subtask.busyMs > 0 && subtask.latency !== undefined);
    assert.ok(subtask.operators.includes("results"), "the sink goes with the map");
  }
  assert.ok(of(flowing, "records")[0]!.lagMs! < 5_000);
  assert.ok(flowing.checkpoints.some(({ outcome, bytes }) => outcome === "completed" && bytes > 0));

  const rescaled = await engine.rescale({
    operator: "map",
    workers: ["dsp3", "dsp1", "dsp2"],
    shares: [0.5, 0.25, 0.25],
  });
  assert.equal(rescaled.outcome, "done");
  const wider = await until(
    "all run again, under the same load",
    (metrics) => metrics.state === "running" && of(metrics, "map").length === 3 && made(metrics) > 0,
  );
  assert.deepEqual(wider.placement.map?.workers, ["dsp3", "dsp1", "dsp2"]);
  assert.deepEqual(wider.placement.map?.shares, [0.5, 0.25, 0.25]);
  assert.deepEqual(wider.placement.records?.workers, ["gen"]);

  await engine.load({ steps: [{ ratePerSecond: 0, forMs: 0 }], fresh: true });
  await assert.rejects(engine.load({ steps: [], fresh: false }), { code: "bad-rate" });
  assert.match(await engine.savepoint(), /^job\/savepoints\//);
  assert.match(await engine.stop(), /^job\/savepoints\//);
  await engine.over;
});
