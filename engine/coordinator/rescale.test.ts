import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterForTests } from "./cluster-for-tests.ts";
import { defaultWorkers } from "./coordinator-options.ts";
import type { RescaleReport, RescaleRequest } from "./rescale.ts";

function running() {
  const cluster = new ClusterForTests({
    workers: { ...defaultWorkers, heartbeatMs: Infinity, waitMs: 2000 },
  });
  const workers = [cluster.join("a", 2), cluster.join("b", 2)] as const;
  cluster.pass(50);
  assert.equal(cluster.state, "running");
  return { cluster, workers };
}

function rescale(cluster: ClusterForTests, request: RescaleRequest) {
  const answer: { error?: Error; report?: RescaleReport } = {};
  cluster.core.rescale(request, (error, report) => Object.assign(answer, { error, report }));
  return answer;
}

test("a rescale goes through a savepoint to the new parallelism, and reports each phase's time", () => {
  const { cluster } = running();
  const answer = rescale(cluster, { parallelism: 3, mode: "unaligned" });
  cluster.pass(50);
  assert.equal(cluster.state, "running");
  const { deployment } = cluster.messages("deploy").at(-1)!;
  assert.equal(deployment.job.parallelism, 3);
  assert.equal(deployment.restore, "job/checkpoints/00000001-a1/manifest.json");
  assert.equal(cluster.messages("checkpoint").at(-1)?.mode, "unaligned");
  const { outcome, savepointMs, stopMs, deployMs, standStillMs } = answer.report!;
  assert.equal(outcome, "done");
  assert.ok(savepointMs > 0 && stopMs > 0 && deployMs > 0);
  assert.equal(standStillMs, savepointMs + stopMs + deployMs);
});

test("the states of a rescale are stopping, releasing, waiting, deploying, running", () => {
  const { cluster } = running();
  const before = cluster.path().length;
  rescale(cluster, { parallelism: 1 });
  cluster.pass(50);
  assert.deepEqual(cluster.path().slice(before), [
    "stopping",
    "releasing",
    "waiting-for-workers",
    "deploying",
    "running",
  ]);
});

test("one operator's parallelism, its weights and its workers can be asked for", () => {
  const { cluster } = running();
  rescale(cluster, {
    parallelismOf: { count: 3 },
    weights: { count: [2, 1, 1] },
    placement: { count: ["b", "b", "a"] },
  });
  cluster.pass(50);
  const { placement, assignments } = cluster.messages("deploy").at(-1)!.deployment;
  assert.equal(placement[0]?.length, 2);
  assert.deepEqual(placement[1], ["b", "b", "a"]);
  const { subtaskOf } = assignments[1]!;
  const held = [0, 1, 2].map((subtask) => subtaskOf.filter((owner) => owner === subtask).length);
  assert.deepEqual(held, [8, 4, 4]);
});

test("a table of key groups that was asked for stays over a restart and a coordinator's death", () => {
  const { cluster, workers } = running();
  const keyGroups = { count: Array.from({ length: 16 }, (_, group) => group % 2) };
  rescale(cluster, { keyGroups });
  cluster.pass(50);
  cluster.leave(workers[0]);
  cluster.pass(200);
  cluster.join("a", 2);
  cluster.pass(50);
  assert.deepEqual(cluster.messages("deploy").at(-1)?.deployment.assignments[1]?.subtaskOf, keyGroups.count);
  const next = new ClusterForTests({}, cluster);
  next.join("a", 2);
  next.pass(50);
  assert.deepEqual(next.messages("deploy").at(-1)?.deployment.assignments[1]?.subtaskOf, keyGroups.count);
});

test("a table of key groups stays while its operator has as many subtasks, also where the last one owns nothing", () => {
  const { cluster } = running();
  rescale(cluster, { keyGroups: { count: Array.from({ length: 16 }, () => 0) } });
  cluster.pass(50);
  rescale(cluster, { parallelismOf: { source: 1 } });
  cluster.pass(50);
  const { assignments, placement } = cluster.messages("deploy").at(-1)!.deployment;
  assert.equal(placement[0]?.length, 1);
  assert.deepEqual(new Set(assignments[1]?.subtaskOf), new Set([0]));
  rescale(cluster, { parallelismOf: { count: 3 } });
  cluster.pass(50);
  assert.equal(new Set(cluster.messages("deploy").at(-1)!.deployment.assignments[1]?.subtaskOf).size, 3);
});

test("what cannot be is refused before anything happens", () => {
  const { cluster } = running();
  const before = cluster.path().length;
  for (const [request, message] of [
    [{ parallelism: 9 }, /9 slots are wanted, 4 are there/],
    [{ parallelismOf: { sum: 2 } }, /no operator sum; it has source, count/],
    [{ weights: { count: [1, 2, 3] } }, /3 weights are given for operator count, which has 2/],
    [{ keyGroups: { count: [0, 5] } }, /key-group table for operator count/],
    [{ placement: { count: ["c", "a"] } }, /1 slots on worker c for count are wanted, 0 are there/],
  ] as const) {
    const answer = rescale(cluster, request as RescaleRequest);
    assert.match(answer.error?.message ?? "", message);
  }
  assert.equal(cluster.path().length, before);
});

test("a rescale whose new configuration does not come to run returns to the old one and says so", () => {
  const { cluster } = running();
  cluster.answering = (worker, message) => {
    if (message.is === "deploy" && message.deployment.job.parallelism === 4 && worker === "b") {
      const error = { code: "internal", message: "no memory", userError: false };
      return [{ is: "deploy-failed", attempt: message.deployment.attempt, error }];
    }
    return cluster.usual(worker, message);
  };
  const answer = rescale(cluster, { parallelism: 4 });
  cluster.pass(100);
  assert.equal(cluster.state, "running");
  assert.equal(answer.report?.outcome, "returned");
  assert.match(answer.report?.because ?? "", /no memory/);
  const { deployment } = cluster.messages("deploy").at(-1)!;
  assert.equal(deployment.job.parallelism, 2);
  assert.equal(deployment.restore, "job/checkpoints/00000001-a1/manifest.json");
});

test("a worker lost while the savepoint is taken leaves the job at its old parallelism", () => {
  const { cluster, workers } = running();
  cluster.answering = (worker, message) =>
    message.is === "checkpoint" ? [] : cluster.usual(worker, message);
  const answer = rescale(cluster, { parallelism: 1 });
  cluster.leave(workers[0]);
  cluster.join("a", 2);
  cluster.pass(200);
  assert.equal(cluster.state, "running");
  assert.equal(answer.report?.outcome, "returned");
  assert.equal(cluster.core.status().job.parallelism, 2);
});

test("a worker lost after the savepoint does not hinder a rescale that needs it no more", () => {
  const { cluster, workers } = running();
  cluster.answering = (worker, message) =>
    message.is === "cancel" && worker === "a" ? [] : cluster.usual(worker, message);
  const answer = rescale(cluster, { parallelism: 1 });
  cluster.pass(20);
  assert.equal(cluster.state, "releasing");
  cluster.leave(workers[0]);
  cluster.pass(50);
  assert.equal(answer.report?.outcome, "done");
});

/** Two subtasks on a and b, by name, and a rescale to b and c under way; a is gone. */
function movingAway() {
  const cluster = new ClusterForTests({
    workers: { ...defaultWorkers, heartbeatMs: Infinity, waitMs: 2000 },
    first: { placement: { count: ["a", "b"] } },
  });
  const [a] = [cluster.join("a", 2), cluster.join("b", 2), cluster.join("c", 2)];
  cluster.pass(50);
  assert.equal(cluster.state, "running");
  cluster.answering = (worker, message) =>
    message.is === "checkpoint" && worker === "a" ? [] : cluster.usual(worker, message);
  const answer = rescale(cluster, { placement: { count: ["b", "c"] } });
  cluster.pass(5);
  assert.equal(cluster.state, "stopping");
  return { cluster, answer, a };
}

test("a rescale away from a worker that dies before its savepoint is done goes on from the last checkpoint", () => {
  const { cluster, answer, a } = movingAway();
  cluster.leave(a);
  cluster.pass(100);
  assert.equal(cluster.state, "running");
  assert.deepEqual(cluster.messages("deploy").at(-1)?.deployment.placement[1], ["b", "c"]);
  const { outcome, because, checkpoint, standStillMs } = answer.report!;
  assert.deepEqual({ outcome, checkpoint }, { outcome: "done", checkpoint: undefined });
  assert.match(because ?? "", /worker a is lost/);
  assert.ok(standStillMs > 0);
});

test("a rescale that has failed returns to other workers where its own do not come back", () => {
  const { cluster, answer, a } = movingAway();
  const { answering } = cluster;
  let failures = 1;
  cluster.answering = (worker, message) => {
    if (message.is !== "deploy" || worker !== "c" || failures-- <= 0) return answering(worker, message);
    const error = { code: "internal", message: "no memory", userError: false };
    return [{ is: "deploy-failed", attempt: message.deployment.attempt, error }];
  };
  cluster.leave(a);
  // Who waits for a worker by its name waits so long.
  cluster.pass(5000);
  assert.equal(cluster.core.status().state, "running", answer.report?.because);
  assert.equal(answer.report?.outcome, "returned");
});

test("workers that never come back for either configuration fail the job with the rescale's report", () => {
  const { cluster, workers } = running();
  cluster.answering = (worker, message) => (message.is === "deploy" ? [] : cluster.usual(worker, message));
  const answer = rescale(cluster, { parallelism: 4 });
  cluster.pass(50);
  cluster.leave(workers[0]);
  cluster.leave(workers[1]);
  cluster.pass(10_000);
  assert.equal(cluster.state, "failed");
  assert.equal(answer.report?.outcome, "failed");
});
