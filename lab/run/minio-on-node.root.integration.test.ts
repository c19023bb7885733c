import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lackingMinio } from "#engine/checkpoint/stores/minio-for-tests.ts";
import { type ApartLab, apart } from "#lab/apart-nodes-for-tests.ts";
import { startEngineOnLab } from "#lab/engine-on-lab.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { openCheckpointStore } from "./checkpoint-store.ts";

const skip = lackingMinio();
const labs = new TestLabs();
const folder = mkdtempSync(join(tmpdir(), "brume-minio-"));
after(async () => {
  await labs.end();
  rmSync(folder, { recursive: true, force: true });
});
const patienceMs = 60_000;
const plan = {
  ...{ experiment: "minio", run: "1" },
  engine: { checkpoints: { everyMs: 300, store: "minio", mode: "aligned" as const } },
};

async function keepsCheckpoints(lab: ApartLab): Promise<void> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const asked = { plan, environment: process.env, startedAt: new Date(0), log };
  const store = await openCheckpointStore(lab, asked);
  let completed = 0;
  try {
    assert.equal(store.node, "coord");
    const engine = await startEngineOnLab(lab, {
      ...{
        name: "job",
        store: store.spec,
        environment: store.environment,
        start: { from: "empty" },
        apiPort: 0,
      },
      job: { use: "map", settings: { rate: "1k/s" }, parallelism: 1, maxParallelism: 128, parallelismOf: {} },
      checkpoints: { intervalMs: 300 },
      onEvent: ({ event }) => (completed += event === "checkpoint-completed" ? 1 : 0),
      onLine: log,
    });
    try {
      const endMs = performance.now() + patienceMs;
      for (; completed < 2; await sleep(50)) assert.ok(performance.now() < endMs, lines.join("\n"));
    } finally {
      await engine.end();
    }
  } finally {
    await store.end();
  }
  const left = readdirSync(await lab.node("coord").folder()).filter((name) => name.startsWith("checkpoints"));
  assert.deepEqual(left, []);
}

test("MinIO on a node takes the checkpoints of all, and goes with what it had; a node without one is brought it", {
  skip,
  timeout: 3 * patienceMs,
}, async () => {
  const lab = await labs.open(`
name: minio
fabric: wire
defaults: { device: none }
nodes: { coord: { role: coordinator }, dsp1: {} }
network: { pairs: [ { delay: 2ms } ] }
`);
  await keepsCheckpoints(lab);
  await keepsCheckpoints(apart(lab, folder, labs.root));
});
