import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeManifest } from "../checkpoint/manifest.ts";
import { ClusterForTests } from "./cluster-for-tests.ts";
import { defaultCheckpoints } from "./coordinator-options.ts";

const declined = { code: "store-full", message: "no room", userError: true };

function running(checkpoints: Partial<typeof defaultCheckpoints>) {
  const cluster = new ClusterForTests({ checkpoints: { ...defaultCheckpoints, ...checkpoints } });
  cluster.join("a");
  cluster.join("b");
  while (cluster.state !== "running") cluster.queue.step();
  return cluster;
}

/** When each checkpoint of the history began, in ms since the first of them. */
function startsMs(cluster: ClusterForTests) {
  const records = cluster.core.status().checkpoints;
  return records.map(({ startedMs }) => Math.round(startedMs - records[0]!.startedMs));
}

test("checkpoints come at the interval, and the manifest lists every subtask's part", () => {
  const cluster = running({ intervalMs: 1000 });
  cluster.pass(3100);
  assert.deepEqual(startsMs(cluster), [0, 1000, 2000]);
  const name = cluster.core.status().latestCheckpoint!;
  const { parts, tasks, checkpoint } = decodeManifest(cluster.store.blobs.get(name)!, name);
  assert.equal(checkpoint, 3);
  assert.deepEqual(
    parts.map(({ task, subtask }) => [task, subtask]),
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(
    tasks.map(({ operators }) => operators),
    [["source"], ["count"]],
  );
});

test("the minimum pause holds between the end of one checkpoint and the start of the next", () => {
  const cluster = running({ intervalMs: 100, minPauseMs: 400 });
  const slow = new Set<number>();
  cluster.answering = (worker, message) => {
    if (message.is !== "checkpoint" || slow.has(message.checkpoint)) return cluster.usual(worker, message);
    cluster.queue.after(300, () => {
      for (const answer of cluster.usual(worker, message)) cluster.say(worker, answer);
    });
    return [];
  };
  cluster.pass(2000);
  const gaps = startsMs(cluster).map((startMs, index, all) => startMs - (all[index - 1] ?? startMs));
  for (const gap of gaps.slice(1)) assert.ok(gap >= 700 && gap < 720, `${gaps}`);
});

test("nothing is complete, and no sink is told, before the last part has come and the manifest is durable", () => {
  const cluster = running({ intervalMs: 1000 });
  const held: (() => void)[] = [];
  cluster.answering = (worker, message) => {
    if (message.is !== "checkpoint" || worker === "a") return cluster.usual(worker, message);
    held.push(() => {
      for (const answer of cluster.usual(worker, message)) cluster.say(worker, answer);
    });
    return [];
  };
  cluster.pass(1500);
  assert.equal(held.length, 1);
  assert.equal(cluster.core.status().latestCheckpoint, undefined);
  held[0]!();
  assert.equal(cluster.messages("checkpoint-complete").length, 0);
  cluster.pass(10);
  assert.equal(cluster.messages("checkpoint-complete").length, 2);
});

test("a checkpoint that is not complete in time is aborted by name of who is missing, and the next one is taken", () => {
  const cluster = running({ intervalMs: 1000, timeoutMs: 500 });
  cluster.answering = (worker, message) =>
    message.is === "checkpoint" && message.checkpoint === 1 && worker === "a"
      ? []
      : cluster.usual(worker, message);
  cluster.pass(2500);
  const [first, second] = cluster.core.status().checkpoints;
  assert.match(first?.failed ?? "", /not complete after 500 ms; subtasks 0-0, 1-0 have not answered/);
  assert.notEqual(second?.manifest, undefined);
  assert.equal(cluster.messages("checkpoint-aborted").length, 2);
});

test("more failures in a row than are tolerated restart the job, a complete one between them forgives", () => {
  const cluster = running({ intervalMs: 100, tolerableFailures: 2 });
  let failing = new Set([1, 2, 4, 5]);
  cluster.answering = (worker, message) => {
    if (message.is !== "checkpoint" || !failing.has(message.checkpoint))
      return cluster.usual(worker, message);
    const { attempt, checkpoint } = message;
    const subtask = { task: 0, subtask: 0 };
    return [{ is: "checkpoint-declined", attempt, checkpoint, subtask, error: declined }];
  };
  cluster.pass(650);
  assert.equal(cluster.core.status().attempt, 1);
  failing = new Set([7, 8, 9, 10]);
  cluster.pass(600);
  assert.equal(cluster.core.status().attempt, 2);
});

test("a manifest that cannot be written fails its checkpoint and leaves the last one in force", () => {
  const cluster = running({ intervalMs: 1000 });
  cluster.pass(1100);
  const before = cluster.core.status().latestCheckpoint;
  cluster.store.failing = "00000002-a1/manifest";
  cluster.pass(30_000);
  const failed = cluster.core.status().checkpoints.find(({ checkpoint }) => checkpoint === 2);
  assert.match(failed?.failed ?? "", /no room/);
  assert.equal(before, "job/checkpoints/00000001-a1/manifest.json");
});

test("only so many checkpoints are kept, savepoints always, and blobs that a kept one refers to", () => {
  const cluster = running({ intervalMs: 1000, keep: 2 });
  const shared = "job/checkpoints/00000001-a1/0-0";
  cluster.answering = (worker, message) => {
    const answers = cluster.usual(worker, message);
    if (message.is !== "checkpoint") return answers;
    return answers.map((answer) => {
      if (answer.is !== "acknowledge" || answer.subtask.task !== 0 || worker !== "a") return answer;
      return { ...answer, part: cluster.part(shared) };
    });
  };
  cluster.pass(1500);
  let savepoint = "";
  cluster.core.savepoint("aligned", (_, manifest) => {
    savepoint = manifest!;
  });
  cluster.pass(4000);
  const names = [...cluster.store.blobs.keys()];
  const folders = new Set(
    names.filter((name) => name.startsWith("job/checkpoints/")).map((name) => name.slice(16, 27)),
  );
  assert.deepEqual([...folders].sort(), ["00000001-a1", "00000005-a1", "00000006-a1"]);
  assert.deepEqual(names.filter((name) => name.includes("00000001")).sort(), [
    shared,
    "job/journal/00000001.json",
  ]);
  assert.equal(cluster.store.blobs.has(savepoint), true);
});

test("blobs of an aborted checkpoint go when a later one is complete", () => {
  const cluster = running({ intervalMs: 1000, timeoutMs: 500 });
  cluster.answering = (worker, message) =>
    message.is === "checkpoint" && message.checkpoint === 1 && worker === "a"
      ? []
      : cluster.usual(worker, message);
  const left = () => [...cluster.store.blobs.keys()].filter((name) => name.includes("00000001-a1"));
  cluster.pass(1600);
  assert.equal(left().length, 2);
  cluster.pass(1000);
  assert.equal(left().length, 0);
});

test("a savepoint during a checkpoint waits for it, and both become complete", () => {
  const cluster = running({ intervalMs: 1000 });
  cluster.pass(1001);
  let savepoint: string | undefined;
  cluster.core.savepoint("unaligned", (_, manifest) => {
    savepoint = manifest;
  });
  cluster.pass(100);
  assert.equal(savepoint, "job/savepoints/00000002-a1/manifest.json");
  assert.deepEqual(
    cluster.core.status().checkpoints.map(({ kind, mode, failed }) => [kind, mode, failed]),
    [
      ["checkpoint", "aligned", undefined],
      ["savepoint", "unaligned", undefined],
    ],
  );
});
