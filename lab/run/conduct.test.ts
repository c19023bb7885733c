import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Controller } from "#autoscaler/controller.ts";
import type { ThroughputModel } from "#autoscaler/models/model.ts";
import { noNetwork } from "#autoscaler/network-view.ts";
import type { Observation, World } from "#autoscaler/observation.ts";
import { makePolicy } from "#autoscaler/policies/registry.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import { RunRecord } from "#lab/records/run-record.ts";
import { SummaryFigures } from "#lab/records/summary.ts";
import { Conductor, type ConductParts, staleMs } from "./conduct.ts";
import type { LiveStatus } from "./live-status.ts";
import { planWith } from "./plan-for-tests.ts";
import { PretendedEngine } from "./pretended-engine.ts";

const root = mkdtempSync(join(tmpdir(), "brume-conduct-"));
after(() => rmSync(root, { recursive: true, force: true }));

const world: World = {
  job: { operator: "map", sources: ["gen"], inputs: 1, joins: false, checkpointMode: "aligned" },
  nodes: ["a", "b", "c"].map((name) => ({ name, device: "none", slots: 1 })),
};

/** Believes that each seat does what the first one did. */
class PerSeat implements ThroughputModel {
  readonly name = "only-alpha";
  readonly seen: Observation[] = [];
  #perSeat: number | undefined;

  observe(observation: Observation): void {
    this.seen.push(observation);
    if (observation.mst) this.#perSeat ??= observation.mst.mst / observation.configuration.seats.length;
  }

  predict({ seats }: { seats: readonly unknown[] }) {
    const mst = (this.#perSeat ?? Number.NaN) * seats.length;
    return Number.isNaN(mst) ? undefined : { mst, low: mst * 0.9, high: mst * 1.1 };
  }
}

const speeds: Record<string, number> = { a: 200, b: 200, c: 100 };

/** `earlyMs`: how long before its time a timer fires. */
function conducted(plan: RunPlan, during: (engine: PretendedEngine) => void = () => undefined, earlyMs = 0) {
  const folder = mkdtempSync(join(root, "run-"));
  const engine = new PretendedEngine({
    operator: "map",
    first: { workers: ["a"], shares: [1] },
    capacity: (worker) => speeds[worker]!,
  });
  const monotonicMs = () => Math.max(0, engine.nowMs - earlyMs);
  const clock = { wallMs: () => 1_800_000_000_000 + engine.nowMs, monotonicMs };
  const record = new RunRecord(join(folder, "1"), clock);
  const figures = new SummaryFigures(500);
  const stop = new AbortController();
  const told: LiveStatus[] = [];
  const model = new PerSeat();
  let lost: string[] = [];
  const parts: ConductParts = {
    ...{ plan, inputs: 1, engine, record, figures, signal: stop.signal },
    mayUse: () => 1,
    look: async () => ({ usage: {}, lost, network: noNetwork }),
    recordNetwork: () => undefined,
    makeController: (ports) =>
      new Controller(ports, {
        ...{ world, models: [model], model: model.name, dryRun: plan.autoscaler.dryRun },
        policy: makePolicy(plan.autoscaler.policy, { shares: "even", steps: plan.autoscaler.steps }),
        bounds: { min: plan.autoscaler.min, max: plan.autoscaler.max },
        ...{ warmUpMs: 2_000, staleMs, historyMs: 300_000 },
      }),
    tell: (status) => told.push(status),
    sleep: async (ms) => {
      engine.pass(Math.max(10, ms - earlyMs));
      during(engine);
    },
  };
  const lines = <Line>(name: string): Line[] =>
    readFileSync(join(record.folder, `${name}.jsonl`), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  const lose = (nodes: string[]) => {
    lost = nodes;
  };
  const run = () => new Conductor(parts).run();
  return { engine, record, figures, told, model, stop, lines, run, lose };
}

type Mst = {
  is: string;
  mst: number;
  configuration: { seats: object[] };
  predictions: Record<string, { mst: number }>;
};
type Event = { event: string; text: string };

test("a ladder is climbed rung by rung, each measured within 3 %, predicted before it was seen, and then it ends", async () => {
  const { run, lines, engine, figures } = conducted(planWith({}));
  await run();
  const msts = lines<Mst>("decisions").filter(({ is }) => is === "mst");
  // Even shares: the third, half as fast, holds the other two back.
  for (const [index, truth] of [200, 400, 300].entries()) {
    assert.ok(Math.abs(msts[index]!.mst / truth - 1) < 0.03, JSON.stringify(msts[index]));
  }
  assert.equal(msts.length, 3);
  assert.deepEqual(msts[0]!.predictions, {});
  assert.ok(Math.abs(msts[2]!.predictions["only-alpha"]!.mst / 600 - 1) < 0.05);
  const { errors, rescales } = figures.summary("done", 1);
  assert.equal(rescales, 2);
  assert.equal(errors["only-alpha"]?.count, 2);
  assert.equal(engine.rescales.length, 2);
});

test("before each rescale of a ladder the rate is one that is easy to take", async () => {
  const { run, engine } = conducted(planWith({ max: 2 }));
  const rates: number[] = [];
  const rescale = engine.rescale.bind(engine);
  engine.rescale = (wanted) => {
    rates.push(engine.loads.at(-1)!.steps[0]!.ratePerSecond / engine.capacity);
    return rescale(wanted);
  };
  await run();
  assert.equal(rates.length, 1);
  assert.ok(rates[0]! < 0.6, `${rates[0]}`);
});

test("a ladder whose time is over fails the run, and what it measured is kept", async () => {
  const { run, lines } = conducted(planWith({}, 90_000));
  await assert.rejects(run(), { code: "ladder-cut", message: /longer duration/ });
  assert.ok(lines<Mst>("decisions").some(({ is }) => is === "mst"));
});

test("a job that cannot be measured fails the run, with the reason and what to do", async () => {
  const { run, engine } = conducted(planWith({}));
  Object.defineProperty(engine, "capacity", { get: () => 1e12 });
  await assert.rejects(run(), { code: "not-measurable", message: /too much to saturate.*\n.*fix/s });
});

test("a run ends after its time, with a line of metrics for each second and one load as it was planned", async () => {
  const plan = planWith({ policy: "manual" }, 20_000);
  const { run, lines, engine } = conducted(plan);
  await run();
  const metrics = lines<{ t: number; asked: number; parallelism: number; taken?: number }>("metrics");
  assert.ok(metrics.length >= 19 && metrics.length <= 21, `${metrics.length}`);
  assert.ok(metrics.slice(1).every(({ asked, taken }) => asked === 100 && Math.abs(taken! - 100) < 2));
  assert.deepEqual(engine.loads, [{ steps: plan.load.steps, fresh: true }]);
});

test("a run is no second longer where timers fire a moment early", async () => {
  const { run, engine } = conducted(planWith({ policy: "manual" }, 20_000), () => undefined, 0.5);
  await run();
  assert.ok(engine.nowMs >= 20_000 && engine.nowMs < 20_100, `${engine.nowMs}`);
});

test("manual steps rescale when they are due, and the timeline says from what to what", async () => {
  const { run, lines } = conducted(
    planWith({ policy: "manual", steps: [{ atMs: 8_000, parallelism: 2 }] }, 20_000),
  );
  await run();
  const texts = lines<Event>("events").flatMap(({ event, text }) => (event === "rescale" ? [text] : []));
  assert.deepEqual(texts, ["1 → 2: a, b", "done, the job stood still for 100 ms"]);
  assert.equal(lines<{ parallelism: number }>("metrics").at(-1)?.parallelism, 2);
});

test("a rescale that failed is a warning, and the run goes on", async () => {
  const plan = planWith({ policy: "manual", steps: [{ atMs: 5_000, parallelism: 2 }] }, 15_000);
  const { run, engine, figures, lines } = conducted(plan);
  engine.outcomes.push("returned");
  await run();
  assert.match(figures.summary("done", 1).warnings.join(), /a rescale to a, b returned: pretended/);
  assert.equal(lines<{ parallelism: number }>("metrics").at(-1)?.parallelism, 1);
});

test("an engine that is silent for a while is a warning; nothing that it did not tell is recorded", async () => {
  const { run, lines, figures } = conducted(planWith({ policy: "manual" }, 30_000), (engine) => {
    engine.isSilent = engine.nowMs > 10_000 && engine.nowMs < 20_000;
  });
  await run();
  assert.deepEqual(figures.summary("done", 1).warnings, ["the engine does not answer: nobody listens"]);
  const times = lines<{ t: number }>("metrics").map(({ t }) => t);
  assert.ok(times.every((t) => t <= 10_010 || t >= 20_000));
  assert.ok(times.at(-1)! > 28_000);
});

test("an engine that stays silent fails the run", async () => {
  const { run } = conducted(planWith({ policy: "manual" }, 600_000), (engine) => {
    engine.isSilent = engine.nowMs > 10_000;
  });
  await assert.rejects(run(), /nobody listens/);
});

test("a job that fails fails the run, and one that is over ends it", async () => {
  const failing = conducted(planWith({ policy: "manual" }), (engine) => {
    if (engine.nowMs > 5_000) engine.fail(new Error("a worker had no memory left"));
  });
  await assert.rejects(failing.run(), /no memory left/);
  const ending = conducted(planWith({ policy: "manual" }), (engine) => {
    if (engine.nowMs > 5_000) engine.finish();
  });
  await ending.run();
  assert.ok(ending.engine.nowMs < 10_000);
});

test("a job that a rescale broke fails the run, though the run's time is over before the engine says so", async () => {
  const plan = planWith({ policy: "manual", steps: [{ atMs: 5_000, parallelism: 2 }] }, 5_500);
  const broken = (during?: (engine: PretendedEngine) => void) => {
    const { engine, run } = conducted(plan, during);
    engine.outcomes.push("failed");
    const metrics = engine.metrics.bind(engine);
    // It tells its state now and then, as what it was.
    engine.metrics = async () => ({
      ...(await metrics()),
      state: engine.nowMs > 6_000 ? "failed" : "running",
    });
    return run();
  };
  const late = broken((engine) => {
    if (engine.nowMs > 8_000) engine.fail(new Error("2 slots are lacking"));
  });
  await assert.rejects(late, /2 slots are lacking/);
  await assert.rejects(broken(), { code: "job-failed", message: /the job failed: pretended/ });
});

test("a job that stands still when the run's time is over is given a moment to say that it failed", async () => {
  const { run, engine } = conducted(planWith({ policy: "manual" }, 10_000), ({ nowMs, fail }) => {
    if (nowMs > 11_000) fail(new Error("no worker came back"));
  });
  const metrics = engine.metrics.bind(engine);
  engine.metrics = async () => ({
    ...(await metrics()),
    state: engine.nowMs > 9_000 ? "waiting-for-workers" : "running",
  });
  await assert.rejects(run(), /no worker came back/);
});

test("the last that an attempt told of its latency is recorded, also of the run's last", async () => {
  const plan = planWith({ policy: "manual", steps: [{ atMs: 8_000, parallelism: 2 }] }, 14_000);
  const { run, engine, lines } = conducted(plan);
  const metrics = engine.metrics.bind(engine);
  engine.metrics = async () => {
    const told = await metrics();
    const count = engine.nowMs;
    const latency = { count, sumMs: count, minMs: 1, maxMs: 1, buckets: [[350, count] as [number, number]] };
    return { ...told, subtasks: told.subtasks.map((each) => (each.isSource ? each : { ...each, latency })) };
  };
  await run();
  type Line = { t: number; attempt: number; latency: { count: number } };
  const last = (attempt: number) =>
    Math.max(
      ...lines<Line>("latency").flatMap((line) => (line.attempt === attempt ? [line.latency.count] : [])),
    );
  const seen = (wanted: number) =>
    lines<Line>("metrics").findLast(({ attempt }) => attempt === wanted)!.t * wanted;
  assert.deepEqual([last(1), last(2)], [seen(1), seen(2)]);
  assert.ok(last(1) >= 8_000 && last(2) >= 28_000);
});

test("an interrupted run ends at once", async () => {
  const { run, stop, engine } = conducted(planWith({}), ({ nowMs }) => {
    if (nowMs > 5_000) stop.abort();
  });
  await run();
  assert.ok(engine.nowMs < 7_000);
});

test("the controller is told which nodes are gone, for as long as they are", async () => {
  const { run, lose, model } = conducted(planWith({ policy: "manual" }, 20_000), ({ nowMs }) => {
    lose(nowMs > 5_000 && nowMs < 10_000 ? ["b"] : []);
  });
  await run();
  const gone = model.seen.filter(({ lost }) => lost?.includes("b")).map(({ atMs }) => atMs);
  assert.ok(gone.length >= 4 && gone.every((atMs) => atMs > 5_000 && atMs < 11_000), gone.join());
});

test("each checkpoint is one line, at the moment when it was complete, with when it began", async () => {
  const { run, lines } = conducted(planWith({ policy: "manual" }, 10_000), ({ nowMs, checkpoints }) => {
    if (checkpoints.length > 0 || nowMs < 4_000) return;
    checkpoints.push({
      ...{ checkpoint: 1, kind: "checkpoint", outcome: "completed", bytes: 10, durationMs: 300 },
      triggeredAtMs: 1_800_000_000_000 + 3_500,
    });
  });
  await run();
  assert.deepEqual(lines("checkpoints"), [
    {
      t: 3_800,
      checkpoint: 1,
      kind: "checkpoint",
      outcome: "completed",
      startedT: 3_500,
      bytes: 10,
      durationMs: 300,
    },
  ]);
});

test("whoever watches is told what is asked, taken and predicted, and how long it takes yet", async () => {
  const { run, told } = conducted(planWith({ max: 2 }));
  await run();
  const last = told.at(-1)!;
  assert.deepEqual([last.parallelism, last.nodes], [2, ["a", "b"]]);
  assert.ok(told.some(({ doing }) => doing.startsWith("measuring: holding")));
  assert.ok(told.some(({ predicted }) => predicted !== undefined));
  assert.ok(told.some(({ leftMs }) => leftMs !== undefined && leftMs > 0));
});
