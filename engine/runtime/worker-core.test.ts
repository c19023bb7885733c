import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeManifest } from "../checkpoint/manifest.ts";
import type { Part } from "../checkpoint/part.ts";
import { EngineError } from "../engine-error.ts";
import { countingJob, type JobSettings, type Row } from "./job-for-tests.ts";
import { type ClusterSettings, LocalCluster } from "./local-cluster-for-tests.ts";
import type { FromWorker } from "./messages.ts";

const recordsPerSplit = 300;
const records = recordsPerSplit * 24;

function clusterOf(job: Partial<JobSettings> = {}, cluster: Partial<ClusterSettings> = {}) {
  const byKey: Row[] = [];
  const byCoarseKey: Row[] = [];
  const settings = { parallelism: 2, recordsPerSplit, byKey, byCoarseKey, ...job };
  const made = new LocalCluster({ workers: 2, plan: () => countingJob(settings), ...cluster });
  return { cluster: made, byKey, byCoarseKey };
}

const saidOf = <Is extends FromWorker["is"]>({ messages }: LocalCluster, is: Is) =>
  messages.filter((message): message is Extract<FromWorker, { is: Is }> => message.is === is);

const partsOf = (cluster: LocalCluster, manifest: string) =>
  decodeManifest(cluster.blobs.get(manifest)!, manifest).parts.map(({ part }) => part as Part);

for (const workers of [1, 2]) {
  test(`behind a consumer that stands still, senders on ${workers} workers queue no more than the buffers allow`, () => {
    const bufferBytes = 128 * 1024;
    const { cluster } = clusterOf(
      { recordsPerSplit: 20_000, batchRows: 64 },
      {
        workers: workers + 1,
        workerOf: (task, subtask) => (task === 2 ? workers : subtask % workers),
        runtime: { bufferBytes },
      },
    );
    cluster.start();
    const running = Array.from({ length: workers }, (_, at) => at);
    // The last worker takes elements in, but never has a turn.
    for (let turns = 0; turns < 5000; turns++) cluster.turn(running);
    assert.deepEqual(cluster.failures(), []);
    for (let at = 0; at <= workers; at++) {
      const { queuedBytes, subtasks } = cluster.figures(at);
      assert.ok(queuedBytes <= bufferBytes, `${queuedBytes} bytes queued on worker ${at}`);
      for (const { occupationMs, task } of subtasks) {
        if (task === 0) assert.ok(occupationMs.backpressured > 0, "backpressure has come to the source");
      }
    }
    cluster.close();
  });
}

test("busy, backpressured and idle time sum to all the time there was", () => {
  let nowMs = 0;
  const { cluster } = clusterOf({}, { preciseMs: () => (nowMs += 0.25) });
  cluster.start();
  const startedMs = nowMs;
  for (let turns = 0; turns < 50; turns++) cluster.turn();
  const { subtasks } = cluster.figures(0);
  for (const { occupationMs } of subtasks) {
    const sum = occupationMs.busy + occupationMs.backpressured + occupationMs.idle;
    assert.ok(Math.abs(sum - (nowMs - startedMs)) < 10, `${sum} ms of ${nowMs - startedMs}`);
  }
  cluster.close();
});

test("what an operator throws fails its subtask by name, and the next attempt runs in the same workers", () => {
  let isBad = true;
  const { cluster, byKey } = clusterOf({
    onBatch: () => {
      if (isBad) throw new EngineError("bad-record", "no such thing", "send others");
    },
  });
  cluster.start();
  while (saidOf(cluster, "subtask-failed").length === 0) cluster.turn();
  const [{ error } = { error: undefined }] = saidOf(cluster, "subtask-failed");
  assert.equal(error?.code, "bad-record");
  assert.equal(error?.userError, true);
  assert.match(
    error?.message ?? "",
    /^count [12]\/2, operator sink \(sink\), in the batch that ends with its record \d+: no such/,
  );
  isBad = false;
  byKey.length = 0;
  cluster.messages.length = 0;
  cluster.start(2);
  cluster.runToEnd();
  assert.equal(byKey.length, records);
  assert.deepEqual([...new Set(saidOf(cluster, "subtask-ended").map(({ attempt }) => attempt))], [2]);
  cluster.close();
});

test("what belongs to a former attempt is ignored, and its connections are refused", () => {
  const { cluster } = clusterOf();
  cluster.start();
  cluster.start(2);
  const [worker] = cluster.workers;
  assert.equal(worker?.accept("w1", 1), undefined);
  cluster.messages.length = 0;
  cluster.order("checkpoint", "aligned");
  worker?.onMessage({ is: "start", attempt: 1 });
  worker?.onMessage({ is: "cancel", attempt: 1 });
  cluster.runToEnd();
  assert.deepEqual(saidOf(cluster, "acknowledge"), []);
  assert.deepEqual(saidOf(cluster, "cancelled"), []);
  cluster.close();
});

test("cancelling releases everything and is answered; afterwards there is nothing to do", () => {
  const { cluster } = clusterOf();
  cluster.start();
  for (let turns = 0; turns < 10; turns++) cluster.turn();
  for (const worker of cluster.workers) worker.onMessage({ is: "cancel", attempt: 1 });
  assert.equal(saidOf(cluster, "cancelled").length, 2);
  assert.deepEqual(cluster.figures(0), { queuedBytes: 0, subtasks: [], links: [] });
  // The connections close.
  cluster.turn();
  assert.equal(cluster.turn(), false);
  assert.deepEqual(cluster.failures(), []);
});

for (const mode of ["aligned", "unaligned"] as const) {
  test(`an ${mode} checkpoint that is aborted on its way harms neither the records nor the next one`, () => {
    const { cluster, byKey } = clusterOf({}, { runtime: { bufferBytes: 64 * 1024, batchRows: 8 } });
    cluster.start();
    for (let turns = 0; turns < 20; turns++) cluster.turn([0]);
    const aborted = cluster.order("checkpoint", mode);
    cluster.turn([0]);
    for (const worker of cluster.workers) {
      worker.onMessage({ is: "checkpoint-aborted", attempt: 1, checkpoint: aborted });
    }
    cluster.messages.length = 0;
    cluster.takeCheckpoint("checkpoint", mode);
    cluster.runToEnd();
    assert.deepEqual(
      saidOf(cluster, "acknowledge").filter(({ checkpoint }) => checkpoint === aborted),
      [],
    );
    assert.equal(byKey.length, records);
    cluster.close();
  });
}

test("subtasks that have ended acknowledge with the state that they ended with, and store it once", () => {
  const { cluster } = clusterOf();
  cluster.start();
  cluster.runToEnd();
  const first = partsOf(cluster, cluster.takeCheckpoint("checkpoint", "aligned"));
  const second = partsOf(cluster, cluster.takeCheckpoint("checkpoint", "aligned"));
  // Blobs that hold little besides their index are not built on.
  const large = (parts: readonly Part[]) => parts.map(({ bytes }) => bytes).filter(({ full }) => full > 200);
  assert.ok(large(first).length > 0);
  for (const { full, incremental } of large(first)) assert.equal(incremental, full);
  for (const { incremental } of large(second)) assert.equal(incremental, 0);
  assert.equal(large(second).length, large(first).length);
  cluster.close();
});

test("a manifest that names a blob which is gone fails the deployment by name", () => {
  const { cluster } = clusterOf({}, { restore: "cp/7/manifest.json" });
  assert.throws(() => cluster.start(), /there is no cp\/7\/manifest\.json/);
  assert.equal(saidOf(cluster, "deploy-failed").length, 2);
});

test("a source that is further ahead than the alignment allows waits for the slowest of all", () => {
  const { cluster } = clusterOf({ timed: true }, { runtime: { alignmentMs: 32 } });
  cluster.start();
  const tell = (watermarkMs: number | null) => {
    for (const worker of cluster.workers)
      worker.onMessage({ is: "source-watermark", attempt: 1, watermarkMs });
  };
  tell(16);
  for (let turns = 0; turns < 300; turns++) cluster.turn();
  const told = saidOf(cluster, "source-watermark").map(({ watermarkMs }) => watermarkMs);
  const furthest = Math.max(...told.filter((ms) => ms !== null));
  assert.ok(furthest > 16 && furthest <= 16 + 32 + 16, `${furthest} ms`);
  // No other is at work any more.
  tell(null);
  cluster.runToEnd();
  assert.equal(
    saidOf(cluster, "source-watermark").at(-1)?.watermarkMs,
    null,
    "at the end they hold nobody up",
  );
  cluster.close();
});

test("a connection that breaks fails the subtasks on it, and no job's function is blamed", () => {
  const { cluster } = clusterOf();
  cluster.start();
  for (let turns = 0; turns < 3; turns++) cluster.turn();
  cluster.workers[1]?.onDisconnected();
  while (saidOf(cluster, "subtask-failed").length === 0) cluster.turn([0]);
  const [{ error } = { error: undefined }] = saidOf(cluster, "subtask-failed");
  assert.deepEqual([error?.code, error?.userError], ["channel-lost", false]);
  cluster.close();
});
