import assert from "node:assert/strict";
import { test } from "node:test";
import { type NetworkTable, networkView } from "../network-view.ts";
import type { Configuration, Observation, World } from "../observation.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import { observedOrBusyRate, targetCapacity, trueProcessingRate } from "./flink-formulas.ts";
import { gesscale, largestDelayMs } from "./gesscale.ts";
import type { ThroughputModel } from "./model.ts";
import { models } from "./registry.ts";

const nodes = ["gen1", "a", "b", "c", "d", "e"];
const table = (rttMs: (one: string, other: string) => number): NetworkTable => {
  const pairs = new PairBeliefs(nodes.length);
  for (const [row, one] of nodes.entries()) {
    for (let column = 0; column < row; column++) {
      const rtt = rttMs(one, nodes[column]!);
      pairs.set(row, column, { rttMs: rtt, lowMs: rtt, highMs: rtt });
    }
  }
  return { nodes, pairs, up: {}, down: {} };
};
/** Node c and those after it are 40 ms away. */
const far = table((one, other) => (one >= "c" && one < "f" ? 40 : other >= "c" && other < "f" ? 40 : 2));

const world: World = {
  job: { operator: "map", sources: ["gen1"], inputs: 1, joins: false, checkpointMode: "aligned" },
  nodes: nodes.slice(1).map((name) => ({ name, device: "pi4b", slots: 1, speed: 0.2 })),
};
const first = (count: number): Configuration => ({
  seats: nodes.slice(1, count + 1).map((node) => ({ node, share: 1 / count })),
});

function measured(model: ThroughputModel, count: number, mst: number): void {
  const observation: Observation = {
    atMs: count * 1000,
    configuration: first(count),
    steadyMs: 0,
    seats: [],
    cpu: {},
    network: far,
    mst: { mst, low: mst, high: mst },
  };
  model.observe(observation, networkView(far));
}

type Busy = { readonly rates: readonly number[]; readonly busy: readonly number[]; readonly lagMs?: number };

function run(model: ThroughputModel, { rates, busy, lagMs = 0 }: Busy): void {
  const { seats } = first(rates.length);
  for (let tick = 1; tick <= 20; tick++) {
    const observation: Observation = {
      atMs: tick * 1000,
      configuration: { seats },
      steadyMs: tick * 1000,
      askedPerSecond: 100,
      takenPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
      sourceBackpressured: 0,
      lagMs,
      seats: seats.map((seat, at) => ({
        ...seat,
        recordsInPerSecond: rates[at]!,
        recordsOutPerSecond: rates[at]!,
        bytesInPerSecond: rates[at]! * 100,
        busy: busy[at]!,
      })),
      cpu: {},
      network: far,
    };
    model.observe(observation, networkView(far));
  }
}

const mstOf = (model: ThroughputModel, count: number) => model.predict(first(count), networkView(far))?.mst;

test("all models are there, the plainest first, and say nothing before anything was seen", () => {
  assert.deepEqual(Object.keys(models), ["only-alpha", "gesscale", "ds2", "flink", "roofline"]);
  for (const [name, make] of Object.entries(models)) {
    const model = make(world);
    assert.equal(model.name, name);
    assert.equal(mstOf(model, 1), undefined);
  }
});

test("only-alpha multiplies the usual throughput of a seat", () => {
  const model = models["only-alpha"](world);
  for (const [count, mst] of [
    [1, 1000],
    [2, 1900],
    [3, 30_000],
  ] as const)
    measured(model, count, mst);
  assert.equal(mstOf(model, 4), 4000);
});

test("Gesscale's largest delay is one way, between any two nodes of the configuration and the sources", () => {
  assert.equal(largestDelayMs(first(2), world.job, networkView(far)), 1);
  assert.equal(largestDelayMs(first(3), world.job, networkView(far)), 20);
});

test("Gesscale has α from one sample, α and γ from two, all three from three and more", () => {
  const model = gesscale(world);
  measured(model, 1, 1000);
  assert.equal(mstOf(model, 4), 4000);
  measured(model, 3, 2000);
  const two = model.predict(first(3), networkView(far))!;
  assert.equal(two.coefficients!.beta, 1);
  assert.ok(Math.abs(two.mst / 2000 - 1) < 0.01, `${two.mst}`);
  const again = gesscale(world);
  const truth = (count: number) => 1000 * count ** 0.8 - 10 * (count >= 3 ? 20 : 1);
  for (const count of [1, 2, 3, 4]) measured(again, count, truth(count));
  assert.ok(Math.abs(mstOf(again, 5)! / truth(5) - 1) < 0.01, `${mstOf(again, 5)} ${truth(5)}`);
});

test("one bad sample among five does not spoil Gesscale's model", () => {
  const truth = (count: number) => 1000 * count ** 0.9;
  const model = gesscale(world);
  for (const count of [1, 2, 3, 4]) measured(model, count, count === 2 ? truth(2) * 10 : truth(count));
  assert.ok(Math.abs(mstOf(model, 5)! / truth(5) - 1) < 0.1, `${mstOf(model, 5)} ${truth(5)}`);
});

test("DS2 multiplies the mean true rate; Flink's autoscaler goes by its busiest subtask", () => {
  const seen = { rates: [100, 100], busy: [0.5, 0.25] };
  const ds2 = models.ds2(world);
  run(ds2, seen);
  assert.ok(Math.abs(mstOf(ds2, 4)! - 4 * 300) < 1e-6);
  const flink = models.flink(world);
  run(flink, seen);
  assert.ok(Math.abs(mstOf(flink, 4)! - (200 / 0.5) * 2) < 1e-6);
});

test("while it works off a backlog, Flink's autoscaler believes what is processed, not how busy it is", () => {
  const flink = models.flink(world);
  run(flink, { rates: [100, 100], busy: [0.5, 0.25], lagMs: 40_000 });
  assert.ok(Math.abs(mstOf(flink, 2)! - 200) < 1e-6);
});

test("Flink's target is the input at the target utilisation and what has to be caught up", () => {
  const target = {
    inputPerSecond: 700,
    backlogRecords: 18_000,
    utilisation: 0.7,
    catchUpMs: 1_800_000,
    restartMs: 0,
  };
  assert.equal(Math.round(targetCapacity(target)), 1000 + 10);
  assert.equal(Math.round(targetCapacity({ ...target, restartMs: 180_000 })), 1000 + 10 + 70);
  assert.equal(Math.round(targetCapacity({ ...target, catchUpMs: 0 })), 1000);
  assert.equal(targetCapacity({ ...target, utilisation: 0 }), Number.POSITIVE_INFINITY);
});

test("what processes nothing has no true rate; an observed rate counts when busy time promises much more", () => {
  assert.equal(trueProcessingRate(0, 0.5), undefined);
  assert.equal(trueProcessingRate(50, 0.5), 100);
  assert.equal(observedOrBusyRate(114, 100, 0.15), 114);
  assert.equal(observedOrBusyRate(120, 100, 0.15), 100);
});
