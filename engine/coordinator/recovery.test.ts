import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeManifest, encodeManifest } from "../checkpoint/manifest.ts";
import { ClusterForTests, jobForTests } from "./cluster-for-tests.ts";

function ran(ms: number) {
  const cluster = new ClusterForTests();
  cluster.join("a");
  cluster.join("b");
  cluster.pass(50 + ms);
  return cluster;
}

function after(former: ClusterForTests, options: ConstructorParameters<typeof ClusterForTests>[0] = {}) {
  const cluster = new ClusterForTests(options, former);
  cluster.join("a", 4);
  cluster.pass(50);
  return cluster;
}

const restoreOf = (cluster: ClusterForTests) => cluster.messages("deploy").at(-1)?.deployment.restore;

test("a new coordinator goes on from the newest manifest with the next attempt and fresh checkpoint numbers", () => {
  const next = after(ran(2500));
  const { deployment } = next.messages("deploy").at(-1)!;
  assert.equal(deployment.restore, "job/checkpoints/00000002-a1/manifest.json");
  assert.equal(deployment.attempt, 2);
  next.pass(1000);
  assert.equal(next.core.status().latestCheckpoint, "job/checkpoints/00000003-a2/manifest.json");
});

test("parallelism that a rescale gave outlives the coordinator", () => {
  const cluster = ran(0);
  cluster.core.rescale({ parallelism: 1 }, () => {});
  cluster.pass(100);
  assert.equal(after(cluster).messages("deploy").at(-1)?.deployment.job.parallelism, 1);
});

test("a manifest of an older attempt that arrives late is not restored", () => {
  const cluster = after(ran(1500));
  const name = "job/checkpoints/00000001-a1/manifest.json";
  assert.equal(restoreOf(cluster), name);
  const late = "job/checkpoints/00000009-a1/manifest.json";
  const manifest = decodeManifest(cluster.store.blobs.get(name)!, name);
  cluster.store.blobs.set(late, encodeManifest({ ...manifest, checkpoint: 9 }));
  assert.equal(restoreOf(after(cluster)), name);
});

test("a complete savepoint is what a restart goes on from, for sinks have published up to it", () => {
  const cluster = ran(1500);
  cluster.core.savepoint("aligned", () => {});
  cluster.pass(50);
  const next = after(cluster);
  assert.equal(restoreOf(next), "job/savepoints/00000002-a1/manifest.json");
  next.pass(2500);
  const flags = next.messages("checkpoint").map(({ incremental }) => incremental);
  assert.deepEqual(flags, [false, true]);
});

test("a checkpoint without its manifest never was", () => {
  const cluster = ran(2500);
  cluster.store.blobs.delete("job/checkpoints/00000002-a1/manifest.json");
  assert.equal(restoreOf(after(cluster)), "job/checkpoints/00000001-a1/manifest.json");
});

test("a job that has finished starts anew, with attempts and checkpoints still rising", () => {
  const cluster = ran(1500);
  cluster.endAll();
  cluster.pass(50);
  assert.equal(cluster.state, "finished");
  const next = after(cluster);
  assert.equal(restoreOf(next), undefined);
  assert.equal(next.core.status().attempt, 3);
});

test("a takeover finds a job that has ended ended, and one that has not running", () => {
  const cluster = ran(1500);
  assert.equal(
    restoreOf(after(cluster, { start: { from: "takeover" } })),
    "job/checkpoints/00000001-a1/manifest.json",
  );
  cluster.endAll();
  cluster.pass(50);
  const next = after(cluster, { start: { from: "takeover" } });
  assert.equal(next.state, "finished");
  assert.equal(next.events.at(-1)?.event, "ended");
  assert.equal(restoreOf(next), undefined);
});

test("a job that failed goes on from its last checkpoint when it is run again, and stays failed for a takeover", () => {
  const cluster = ran(1500);
  const error = { code: "disk-full", message: "no room", userError: true };
  cluster.say("a", { is: "subtask-failed", attempt: 1, subtask: { task: 0, subtask: 0 }, error });
  cluster.pass(50);
  assert.equal(cluster.state, "failed");
  assert.equal(after(cluster, { start: { from: "takeover" } }).state, "failed");
  assert.equal(restoreOf(after(cluster)), "job/checkpoints/00000001-a1/manifest.json");
});

test("a start that is refused leaves the unfinished run as it was", () => {
  const cluster = ran(1500);
  const manifest = "job/checkpoints/00000001-a1/manifest.json";
  const refused = after(cluster, {
    start: { from: "savepoint", manifest, allowDroppedState: false },
    job: { ...jobForTests, maxParallelism: 32 },
  });
  assert.equal(refused.state, "failed");
  assert.equal(restoreOf(after(refused, { start: { from: "takeover" } })), manifest);
});

test("a savepoint that no worker can restore leaves the unfinished run where it was", () => {
  const cluster = ran(1500);
  const manifest = "job/checkpoints/00000001-a1/manifest.json";
  const broken = new ClusterForTests(
    { start: { from: "savepoint", manifest, allowDroppedState: false } },
    cluster,
  );
  broken.answering = (worker, message) => {
    if (message.is !== "deploy") return broken.usual(worker, message);
    const error = { code: "corrupt-snapshot", message: "its checksum is wrong", userError: true };
    return [{ is: "deploy-failed", attempt: message.deployment.attempt, error }];
  };
  broken.join("a", 2);
  broken.join("b", 2);
  broken.pass(200);
  assert.equal(broken.state, "failed");
  const resumed = after(broken);
  assert.equal(resumed.state, "running");
  assert.match(
    resumed.events.map((event) => JSON.stringify(event)).join("\n"),
    /attempt 1 of the journal goes on/,
  );
});

test("a new run that dies before its first attempt is not taken for the run before it", () => {
  const cluster = ran(1500);
  cluster.endAll();
  cluster.pass(50);
  const next = new ClusterForTests({}, cluster);
  next.pass(50);
  assert.equal(next.state, "waiting-for-workers");
  const third = after(next, { start: { from: "takeover" } });
  assert.equal(third.state, "running");
  assert.equal(restoreOf(third), undefined);
});

test("a start from empty leaves an unfinished run behind", () => {
  assert.equal(restoreOf(after(ran(1500), { start: { from: "empty" } })), undefined);
});

test("a start from a savepoint takes it at another parallelism", () => {
  const cluster = ran(0);
  let manifest = "";
  cluster.core.stop("aligned", (_, name) => {
    manifest = name!;
  });
  cluster.pass(50);
  const next = after(cluster, {
    start: { from: "savepoint", manifest, allowDroppedState: false },
    job: { ...jobForTests, parallelism: 4 },
  });
  assert.equal(next.state, "running");
  assert.equal(restoreOf(next), manifest);
});

test("state of an operator that the job has no more is refused by name, unless it may be dropped", () => {
  const cluster = ran(0);
  let manifest = "";
  cluster.core.savepoint("aligned", (_, name) => {
    manifest = name!;
  });
  cluster.pass(50);
  const renamed = (allowDroppedState: boolean) =>
    after(cluster, {
      start: { from: "savepoint", manifest, allowDroppedState },
      plan: (job) => ({
        name: "test",
        maxParallelism: job.maxParallelism,
        edges: [],
        tasks: [
          {
            name: "t",
            parallelism: 1,
            operators: [
              {
                id: "sum",
                name: "sum",
                inputs: [],
                outputs: {},
                make: { operator: () => ({ onBatch: () => {} }) },
                chained: [],
              },
            ],
          },
        ],
      }),
    });
  const { failure } = renamed(false).core.status();
  assert.equal(failure?.code, "savepoint-dropped-state");
  assert.match(failure?.message ?? "", /operator count is in job\/savepoints.*the job has no such operator/);
  assert.equal(renamed(true).state, "running");
});

test("another maximum parallelism is refused with the right one", () => {
  const cluster = after(ran(1500), {
    start: {
      from: "savepoint",
      manifest: "job/checkpoints/00000001-a1/manifest.json",
      allowDroppedState: false,
    },
    job: { ...jobForTests, maxParallelism: 32 },
  });
  assert.equal(cluster.core.status().failure?.code, "savepoint-max-parallelism");
});

test("a damaged manifest fails the job by its name, and the store keeps all it had", () => {
  const former = ran(1500);
  const name = "job/checkpoints/00000001-a1/manifest.json";
  const bytes = former.store.blobs.get(name)!.slice();
  bytes[100]! ^= 1;
  former.store.blobs.set(name, bytes);
  const before = [...former.store.blobs.keys()];
  const cluster = after(former);
  const { failure } = cluster.core.status();
  assert.equal(failure?.code, "snapshot-corrupt");
  assert.match(failure?.message ?? "", /job\/checkpoints\/00000001-a1\/manifest.json is damaged/);
  for (const kept of before) assert.equal(cluster.store.blobs.has(kept), true);
});
