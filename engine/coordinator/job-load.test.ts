import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobSpec } from "../runtime/messages.ts";
import { ClusterForTests, planForTests } from "./cluster-for-tests.ts";
import type { CoordinatorOptions } from "./coordinator-options.ts";
import type { LoadReport, LoadRequest } from "./job-load.ts";

const plan = (job: JobSpec) => {
  const made = planForTests(job);
  const tasks = made.tasks.map((task) => ({
    ...task,
    operators: task.operators.map((each) =>
      each.id === "source" ? { ...each, takesLoad: true as const } : each,
    ),
  }));
  return { ...made, tasks };
};

function started(options: Partial<CoordinatorOptions> = {}, former?: ClusterForTests) {
  const cluster = new ClusterForTests({ plan, ...options }, former);
  cluster.join("a");
  cluster.join("b");
  cluster.pass(50);
  return cluster;
}

function give(cluster: ClusterForTests, request: LoadRequest) {
  const answer: { error?: Error; report?: LoadReport } = {};
  cluster.core.load(request, (error, report) => Object.assign(answer, { error, report }));
  cluster.pass(20);
  return answer;
}

const steady = (ratePerSecond: number) => ({ steps: [{ ratePerSecond, forMs: 0 }] });
const rates = (load: { anchors: readonly { steps: readonly { ratePerSecond: number }[] }[] } | undefined) =>
  load?.anchors.map(({ steps }) => steps[0]!.ratePerSecond);

test("a load reaches all workers at once, and again at the start of each later attempt", () => {
  const cluster = started();
  assert.equal(cluster.messages("start").at(-1)!.load, undefined);
  const { report } = give(cluster, steady(500));
  assert.equal(report?.ratePerSecond, 500);
  assert.deepEqual(
    cluster.sent.filter(({ message }) => message.is === "load").map(({ worker }) => worker),
    ["a", "b"],
  );
  give(cluster, steady(700));
  cluster.core.rescale({ parallelism: 1 }, () => {});
  cluster.pass(50);
  assert.equal(cluster.state, "running");
  assert.deepEqual(rates(cluster.messages("start").at(-1)!.load), [500, 700]);
});

test("a load that is given before the job runs is told at its start", () => {
  const cluster = new ClusterForTests({ plan });
  cluster.pass(10);
  assert.equal(give(cluster, steady(5)).error, undefined);
  cluster.join("a");
  cluster.join("b");
  cluster.pass(50);
  assert.deepEqual(rates(cluster.messages("start").at(-1)!.load), [5]);
});

test("who takes the job over goes on with its load, and who starts it anew does not", () => {
  const first = started();
  give(first, steady(500));
  assert.deepEqual(
    rates(
      started({ start: { from: "takeover" } }, first)
        .messages("start")
        .at(-1)!.load,
    ),
    [500],
  );
  assert.equal(
    started({ start: { from: "empty" } }, first)
      .messages("start")
      .at(-1)!.load,
    undefined,
  );
});

test("a fresh load goes on from the foremost subtask's position, and nothing before it matters any more", () => {
  const cluster = started();
  give(cluster, steady(500));
  for (const [worker, position] of [
    ["a", 120],
    ["b", 190],
    ["a", 130],
  ] as const) {
    const operators = [{ id: "source", isSource: true, own: { position } }];
    cluster.say(worker, { is: "metrics", attempt: 1, atMs: 0, metrics: { subtasks: [{ operators }] } });
  }
  const { report } = give(cluster, { ...steady(50), fresh: true });
  assert.deepEqual(
    report?.anchors.map(({ fromNumbers }) => fromNumbers),
    [{ source: 190 }],
  );
  assert.deepEqual(report?.positions, { source: 190 });
});

test("a load is refused where no source takes one, where it makes no sense, and when the job is over", () => {
  assert.match(
    give(started({ plan: planForTests }), steady(5)).error!.message,
    /no source of the job takes a load/,
  );
  const cluster = started();
  assert.match(give(cluster, steady(-5)).error!.message, /records per second/);
  cluster.core.cancel();
  assert.match(give(cluster, steady(5)).error!.message, /cancelled/);
  assert.equal(cluster.messages("load").length, 0);
});
