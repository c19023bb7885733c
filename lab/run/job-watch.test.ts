import assert from "node:assert/strict";
import { test } from "node:test";
import { noNetwork } from "#autoscaler/network-view.ts";
import type { EngineMetrics, EngineSubtask } from "#engine/engine.ts";
import { JobWatch } from "./job-watch.ts";
import { metricsLine, observationOf } from "./observe.ts";

const source = (atMs: number, over: Partial<EngineSubtask> = {}): EngineSubtask => ({
  ...{ operators: ["left"], subtask: 0, worker: "gen1", isSource: true, atMs },
  ...{ recordsIn: 0, recordsOut: 0, bytesOut: 0, busyMs: 0, backpressuredMs: 0, idleMs: 0 },
  ...{ stateBytes: 0, queuedBytes: 0, lagMs: 4 },
  ...over,
});

const seat = (atMs: number, over: Partial<EngineSubtask> = {}): EngineSubtask => ({
  ...source(atMs),
  ...{ operators: ["map", "spin"], worker: "dsp1", isSource: false, bytesIn: 0 },
  ...over,
});

const reading = (atMs: number, subtasks: readonly EngineSubtask[], over: Partial<EngineMetrics> = {}) => ({
  ...{ atMs, state: "running", attempt: 1, restarts: 0, subtasks, checkpoints: [] },
  placement: {
    left: { workers: ["gen1"], shares: [1] },
    map: { workers: ["dsp1"], shares: [1] },
  },
  ...over,
});

const watch = () => new JobWatch({ operator: "map", staleMs: 3_000 });
const network = noNetwork;

test("rates are over the time between two readings of one subtask, whenever the engine was asked", () => {
  const job = watch();
  job.see(reading(1_000, [source(900), seat(950)]));
  const { taken, seats, lagMs, sourceBackpressured } = job.see(
    reading(3_000, [
      source(2_900, { recordsOut: 400, backpressuredMs: 500, busyMs: 500, idleMs: 1_000 }),
      seat(2_950, { recordsIn: 300, recordsOut: 200, bytesIn: 24_000, busyMs: 1_500, idleMs: 500 }),
    ]),
  );
  assert.equal(taken, 200);
  assert.equal(lagMs, 4);
  assert.equal(sourceBackpressured, 0.25);
  const [first] = seats;
  assert.deepEqual([first?.in, first?.out, first?.bytesIn], [150, 100, 12_000]);
  assert.deepEqual([first?.busy, first?.backpressured, first?.idle], [0.75, 0, 0.25]);
});

test("figures that were told only once make no rates, and the same ones told again change nothing", () => {
  const job = watch();
  const once = job.see(reading(1_000, [source(900), seat(950)]));
  assert.equal(once.taken, undefined);
  assert.equal(once.seats[0]?.in, undefined);
  assert.equal(once.seats[0]?.queuedBytes, 0);
  const second = reading(2_000, [source(1_900, { recordsOut: 100 }), seat(1_950, { recordsIn: 100 })]);
  assert.equal(job.see(second).taken, 100);
  assert.equal(job.see({ ...second, atMs: 2_500 }).taken, 100);
});

test("counters of another attempt, and of another worker, are not set against the ones before", () => {
  const job = watch();
  job.see(reading(1_000, [source(1_000, { recordsOut: 1_000 }), seat(1_000)]));
  job.see(reading(2_000, [source(2_000, { recordsOut: 2_000 }), seat(2_000)]));
  const again = job.see(reading(3_000, [source(3_000, { recordsOut: 10 }), seat(3_000)], { attempt: 2 }));
  assert.equal(again.taken, undefined);
  assert.equal(again.steadyMs, 0);
  const moved = job.see(
    reading(4_000, [source(4_000, { recordsOut: 20, worker: "gen2" }), seat(4_000)], { attempt: 2 }),
  );
  assert.equal(moved.taken, undefined);
  assert.equal(moved.steadyMs, 1_000);
});

test("what is stale is left out of the seats and of the whole, never zero", () => {
  const job = watch();
  job.see(reading(1_000, [source(1_000), seat(1_000)]));
  job.see(reading(2_000, [source(2_000, { recordsOut: 100 }), seat(2_000, { recordsIn: 100 })]));
  const later = job.see(
    reading(5_500, [source(2_000, { recordsOut: 100 }), seat(5_000, { recordsIn: 400 })]),
  );
  assert.equal(later.taken, undefined);
  assert.equal(later.lagMs, undefined);
  assert.deepEqual(later.sources, [{ operator: "left", subtask: 0, node: "gen1" }]);
  assert.equal(later.seats[0]?.in, 100);
  const asked = { figures: later, asked: 100, nodes: {} };
  assert.equal("taken" in metricsLine(asked), false);
  assert.equal("takenPerSecond" in observationOf(asked, 5_500, network)!, false);
});

test("one source of two that says nothing leaves what all of them take unknown", () => {
  const job = watch();
  const placement = {
    left: { workers: ["gen1", "gen2"], shares: [0.5, 0.5] },
    map: { workers: ["dsp1"], shares: [1] },
  };
  job.see(reading(1_000, [source(1_000), seat(1_000)], { placement }));
  const figures = job.see(reading(2_000, [source(2_000, { recordsOut: 10 }), seat(2_000)], { placement }));
  assert.equal(figures.sources.length, 2);
  assert.equal(figures.taken, undefined);
});

test("a seat is where the placement has it, though nothing was told of it yet; a second worker is its node", () => {
  const job = watch();
  const placement = { map: { workers: ["dsp2", "dsp1.2"], shares: [0.25, 0.75] } };
  const { configuration, seats } = job.see(reading(1_000, [], { placement }));
  const expected = [
    { node: "dsp2", share: 0.25 },
    { node: "dsp1", share: 0.75 },
  ];
  assert.deepEqual(configuration?.seats, expected);
  assert.deepEqual(
    seats,
    expected.map((each, subtask) => ({ subtask, ...each })),
  );
});

test("there is nothing to observe while no configuration runs", () => {
  const job = watch();
  const figures = job.see(reading(1_000, [], { state: "restarting", placement: {} }));
  assert.equal(observationOf({ figures, asked: 5, nodes: {} }, 0, network), undefined);
  assert.equal(metricsLine({ figures, asked: 5, nodes: {} }).parallelism, undefined);
});

test("each checkpoint is news once, and the last completed one is what models learn from", () => {
  const job = watch();
  const checkpoint = (number: number, over = {}) => ({
    ...{ checkpoint: number, kind: "checkpoint" as const, outcome: "completed" as const },
    ...{ triggeredAtMs: 500, durationMs: 10, bytes: 100 * number },
    ...over,
  });
  const first = job.see(reading(1_000, [seat(1_000)], { checkpoints: [checkpoint(1)] }));
  assert.deepEqual(
    first.newCheckpoints.map((each) => each.checkpoint),
    [1],
  );
  const checkpoints = [checkpoint(1), checkpoint(2), checkpoint(3, { outcome: "failed" })];
  const second = job.see(reading(2_000, [seat(2_000)], { checkpoints }));
  assert.deepEqual(
    second.newCheckpoints.map((each) => each.checkpoint),
    [2, 3],
  );
  assert.equal(second.lastCheckpoint?.bytes, 200);
  const observed = observationOf(
    { figures: second, asked: undefined, nodes: { dsp1: { cpu: 0.5 } } },
    7,
    network,
  );
  assert.deepEqual(observed?.checkpoint, { durationMs: 10, bytes: 200 });
  assert.deepEqual(observed?.cpu, { dsp1: 0.5 });
  const third = job.see(reading(3_000, [seat(3_000)], { checkpoints: [checkpoint(2)] }));
  assert.deepEqual(third.newCheckpoints, []);
});
