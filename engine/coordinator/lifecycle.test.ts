import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { ClusterForTests } from "./cluster-for-tests.ts";
import { defaultRestart, defaultWorkers } from "./coordinator-options.ts";
import { checkMove, legalMoves, type StateName } from "./lifecycle.ts";

const settleMs = 50;

function running(options: ConstructorParameters<typeof ClusterForTests>[0] = {}) {
  const cluster = new ClusterForTests(options);
  const workers = [cluster.join("a"), cluster.join("b")] as const;
  cluster.pass(settleMs);
  assert.equal(cluster.state, "running");
  return { cluster, workers };
}

test("a move that the table does not name is refused", () => {
  const names = Object.keys(legalMoves) as StateName[];
  for (const from of names) {
    for (const to of names) {
      if ((legalMoves[from] as readonly string[]).includes(to)) checkMove(from, to);
      else assert.throws(() => checkMove(from, to), /cannot go/);
    }
  }
});

test("a job waits for its slots, is written to the journal before it is deployed, and starts when all is there", () => {
  const cluster = new ClusterForTests();
  cluster.pass(settleMs);
  cluster.join("a");
  cluster.pass(settleMs);
  assert.equal(cluster.state, "waiting-for-workers");
  cluster.join("b");
  assert.equal(cluster.state, "deploying");
  assert.equal(cluster.messages("deploy").length, 0);
  cluster.pass(settleMs);
  assert.equal(cluster.store.blobs.has("job/journal/00000001.json"), true);
  assert.deepEqual(cluster.path(), ["waiting-for-workers", "deploying", "running"]);
  assert.equal(cluster.messages("start").length, 2);
});

test("slots that never come fail the job with the numbers wanted and there", () => {
  const cluster = new ClusterForTests({ restart: { ...defaultRestart, attempts: 0 } });
  cluster.join("a");
  cluster.pass(defaultWorkers.waitMs + settleMs);
  assert.equal(cluster.state, "failed");
  const { failure } = cluster.core.status();
  assert.equal(failure?.code, "slots-lacking");
  assert.match(failure?.message ?? "", /2 slots are wanted, 1 is there after 60 s/);
});

test("a worker with the wrong token is turned away and gets no message", () => {
  const cluster = new ClusterForTests();
  cluster.pass(settleMs);
  const stranger = cluster.join("a", 4, "worker", "guess");
  cluster.pass(settleMs);
  assert.equal(cluster.isOpen(stranger), false);
  assert.deepEqual(cluster.sent, []);
  assert.equal(cluster.state, "waiting-for-workers");
});

test("a lost worker cancels the attempt, and its return starts the next one from the last complete checkpoint", () => {
  const { cluster, workers } = running();
  cluster.pass(1100);
  cluster.leave(workers[0]);
  assert.equal(cluster.state, "restarting");
  assert.equal(cluster.messages("cancel").at(-1)?.attempt, 1);
  cluster.pass(500);
  assert.equal(cluster.state, "waiting-for-workers");
  cluster.join("a");
  cluster.pass(settleMs);
  assert.equal(cluster.state, "running");
  const { deployment } = cluster.messages("deploy").at(-1)!;
  assert.equal(deployment.attempt, 2);
  assert.equal(deployment.restore, "job/checkpoints/00000001-a1/manifest.json");
});

test("a worker that connects anew under its name counts as lost first", () => {
  const { cluster, workers } = running();
  cluster.join("a");
  assert.equal(cluster.isOpen(workers[0]), false);
  assert.equal(cluster.state, "restarting");
});

test("a silent worker is cut off", () => {
  const { cluster, workers } = running({ workers: { ...defaultWorkers, heartbeatMs: 3000 } });
  cluster.answering = () => [];
  cluster.pass(2900);
  assert.equal(cluster.state, "running");
  cluster.pass(200);
  assert.notEqual(cluster.state, "running");
  assert.equal(cluster.isOpen(workers[0]), false);
});

test("what a former attempt still says changes nothing", () => {
  const { cluster, workers } = running();
  cluster.leave(workers[0]);
  cluster.pass(200);
  cluster.join("a");
  cluster.pass(settleMs);
  const failure = { code: "internal", message: "late news", userError: false };
  cluster.say("b", { is: "subtask-failed", attempt: 1, subtask: { task: 0, subtask: 0 }, error: failure });
  assert.equal(cluster.state, "running");
});

test("pauses between restarts double, and after the allowed number the job fails with the last failure", () => {
  const restart = { attempts: 3, initialBackoffMs: 100, maxBackoffMs: 300, stableMs: 1e9 };
  const { cluster } = running({ restart, checkpoints: { ...quiet } });
  const pauses: number[] = [];
  for (let round = 0; round < 4; round++) {
    const attempt = cluster.core.status().attempt;
    const error = { code: "internal", message: `broke ${round}`, userError: false };
    cluster.say("a", { is: "subtask-failed", attempt, subtask: { task: 0, subtask: 0 }, error });
    if (cluster.state === "failed") break;
    const fromMs = cluster.queue.nowMs;
    while (cluster.core.status().state === "restarting") cluster.queue.step();
    pauses.push(cluster.queue.nowMs - fromMs);
    cluster.pass(settleMs);
  }
  assert.deepEqual(pauses, [100, 200, 300]);
  assert.match(cluster.core.status().failure?.message ?? "", /after 3 restarts .* broke 3/);
});

test("a complete checkpoint forgives former restarts", () => {
  const restart = { attempts: 1, initialBackoffMs: 10, maxBackoffMs: 10, stableMs: 1e9 };
  const { cluster } = running({ restart });
  for (let round = 0; round < 3; round++) {
    const attempt = cluster.core.status().attempt;
    const error = { code: "internal", message: "broke", userError: false };
    cluster.say("a", { is: "subtask-failed", attempt, subtask: { task: 0, subtask: 0 }, error });
    cluster.pass(1200);
    assert.equal(cluster.state, "running");
  }
});

test("a mistake of the user fails the job at once; a store that is away does not", () => {
  for (const [code, state] of [
    ["disk-full", "failed"],
    ["store-unreachable", "restarting"],
  ]) {
    const { cluster } = running();
    const error = { code: code!, message: "broke", userError: true };
    cluster.say("a", { is: "deploy-failed", attempt: 1, error });
    assert.equal(cluster.state, state);
  }
});

test("a plan that cannot be made fails the job before any worker hears of it", () => {
  const cluster = new ClusterForTests({
    plan: () => {
      throw new EngineError("no-column", "there is no column x", "choose one of a, b", 2);
    },
  });
  cluster.pass(settleMs);
  cluster.join("a", 4);
  assert.equal(cluster.core.status().failure?.code, "no-column");
});

test("bounded input ends with a final checkpoint, and the job is finished when the workers have let go", () => {
  const { cluster } = running();
  const letGo: (() => void)[] = [];
  cluster.answering = (worker, message) => {
    if (message.is !== "cancel") return cluster.usual(worker, message);
    letGo.push(() => cluster.say(worker, { is: "cancelled", attempt: message.attempt }));
    return [];
  };
  cluster.endAll();
  assert.equal(cluster.state, "finishing");
  cluster.pass(settleMs);
  assert.equal(cluster.state, "releasing");
  const order = cluster.sent.slice(-4).map(({ message }) => message.is);
  assert.deepEqual(order, ["checkpoint-complete", "checkpoint-complete", "cancel", "cancel"]);
  for (const go of letGo) go();
  assert.equal(cluster.state, "finished");
  cluster.pass(settleMs);
  assert.deepEqual(cluster.events.at(-1), { event: "ended", state: "finished" });
});

test("a worker that dies before it published the final checkpoint has it published by a restart", () => {
  const { cluster, workers } = running();
  cluster.answering = (worker, message) => (message.is === "cancel" ? [] : cluster.usual(worker, message));
  cluster.endAll();
  cluster.pass(settleMs);
  assert.equal(cluster.state, "releasing");
  cluster.leave(workers[1]);
  cluster.answering = (worker, message) => cluster.usual(worker, message);
  cluster.pass(150);
  cluster.join("b");
  cluster.pass(settleMs);
  assert.match(cluster.messages("deploy").at(-1)!.deployment.restore ?? "", /00000001-a1/);
  cluster.endAll();
  cluster.pass(settleMs);
  assert.equal(cluster.state, "finished");
});

test("stop with savepoint answers with the savepoint's name when the workers have let go", () => {
  const { cluster } = running();
  let answer: unknown;
  cluster.core.stop("aligned", (error, manifest) => {
    answer = error ?? manifest;
  });
  assert.equal(cluster.state, "stopping");
  cluster.pass(settleMs);
  assert.equal(cluster.state, "stopped");
  assert.equal(answer, "job/savepoints/00000001-a1/manifest.json");
  assert.equal(cluster.messages("checkpoint").at(-1)?.incremental, false);
});

test("a stop whose savepoint fails tells so, and the job goes on from its last checkpoint", () => {
  const { cluster } = running();
  let answer: Error | undefined;
  cluster.core.stop("aligned", (error) => {
    answer = error;
  });
  const error = { code: "store-full", message: "no room", userError: true };
  const { attempt, checkpoint } = cluster.messages("checkpoint").at(-1)!;
  cluster.say("a", {
    is: "checkpoint-declined",
    attempt,
    checkpoint,
    subtask: { task: 0, subtask: 0 },
    error,
  });
  assert.match(answer?.message ?? "", /savepoint 1 failed: .*no room/);
  assert.equal(cluster.state, "restarting");
  cluster.pass(500);
  assert.equal(cluster.state, "running");
});

test("cancel ends the job from any state, and a second one changes nothing", () => {
  for (const prepare of [() => new ClusterForTests(), () => running().cluster]) {
    const cluster = prepare();
    cluster.core.cancel();
    assert.equal(cluster.state, "cancelled");
    cluster.core.cancel();
    assert.equal(cluster.path().filter((state) => state === "cancelled").length, 1);
  }
});

test("requests to a job that does not run are refused by its state", () => {
  const cluster = new ClusterForTests();
  const errors: (Error | undefined)[] = [];
  cluster.core.savepoint("aligned", (error) => errors.push(error));
  cluster.core.stop("aligned", (error) => errors.push(error));
  cluster.core.rescale({ parallelism: 3 }, (error) => errors.push(error));
  assert.equal(errors.length, 3);
  for (const error of errors)
    assert.match(error?.message ?? "", /needs a running job; this one is recovering/);
});

const quiet = {
  intervalMs: Infinity,
  timeoutMs: 1000,
  minPauseMs: 0,
  tolerableFailures: 1,
  keep: 2,
  mode: "aligned",
} as const;

test("workers that leave a finished job change nothing", () => {
  const { cluster, workers } = running();
  cluster.endAll();
  cluster.pass(settleMs);
  cluster.leave(workers[0]);
  cluster.pass(settleMs);
  assert.equal(cluster.state, "finished");
});
