import assert from "node:assert/strict";
import { test } from "node:test";
import { Plant } from "./plant.ts";
import type { PlantSettings } from "./plant-world.ts";
import { calm, moderate, randomPlant, rough } from "./random-plant.ts";

const settings = (changes: Partial<PlantSettings["job"]> = {}, noise = calm): PlantSettings => {
  const drawn = randomPlant({ seed: 5, workers: 4, generators: 2, job: "map", farMs: 0, noise });
  return { ...drawn, job: { ...drawn.job, skew: 0, ...changes } };
};

const even = ({ nodes }: PlantSettings, count: number) => ({
  seats: nodes.slice(0, count).map(({ name }) => ({ node: name, share: 1 / count })),
});

test("the same seed makes the same figures, another one others", () => {
  const run = (seed: number) => {
    const world = { ...settings({}, rough), seed };
    const plant = new Plant(world, even(world, 2));
    plant.step(3000, 500);
    return JSON.stringify(plant.observation());
  };
  assert.equal(run(1), run(1));
  assert.notEqual(run(1), run(2));
});

test("what is asked is taken and worked at, and no record is lost or made up", () => {
  const world = settings();
  const plant = new Plant(world, even(world, 2));
  const asked = plant.mst(even(world, 2)) * 0.5;
  plant.step(10_000, asked);
  assert.ok(Math.abs(plant.taken + plant.backlogRecords - asked * 10) < 1e-6 * asked);
  const { seats } = plant.observation();
  const worked = seats.reduce((sum, { recordsInPerSecond }) => sum + recordsInPerSecond!, 0);
  assert.ok(Math.abs(worked / asked - 1) < 0.03, `${worked} of ${asked}`);
});

test("above what it sustains a backlog grows and sources are held up; a little below there is neither", () => {
  const world = settings();
  const plant = new Plant(world, even(world, 2));
  const mst = plant.mst(even(world, 2));
  plant.step(20_000, mst * 0.95);
  plant.observation();
  assert.ok(plant.backlogRecords < mst * 0.05);
  plant.step(20_000, mst * 1.3);
  assert.ok(plant.backlogRecords > mst);
  assert.ok(plant.observation().sourceBackpressured! > 0.5);
});

test("a round trip limits a seat to its buffers over it, once they are small", () => {
  const bufferBytes = 8000;
  const drawn = settings({
    bufferBytes,
    usable: 1,
    turnMs: 5,
    microsPerRecord: 1,
    microsPerResult: 0,
    bytesPerRecord: 100,
  });
  const world = { ...drawn, network: { ...drawn.network, rttMs: () => 95, up: () => 1e9, down: () => 1e9 } };
  const mst = new Plant(world, even(world, 1)).mst(even(world, 1));
  assert.ok(Math.abs(mst / (bufferBytes / 100 / 0.1) - 1) < 0.1, `${mst}`);
});

test("a rescale stands still, and records pile up meanwhile", () => {
  const world = settings();
  const plant = new Plant(world, even(world, 1));
  plant.step(5000, 100);
  const { standStillMs } = plant.rescale(even(world, 2));
  assert.ok(plant.isStandingStill && standStillMs >= world.job.standStillMs);
  plant.step(500, 100);
  assert.ok(plant.backlogRecords >= 49);
  assert.equal(plant.observation().steadyMs, 0);
  plant.step(standStillMs, 100);
  assert.ok(!plant.isStandingStill);
});

test("while a node of the job has failed nothing flows and nothing is told, until a rescale leaves it out", () => {
  const world = settings();
  const plant = new Plant(world, even(world, 2));
  plant.step(2000, 100);
  plant.observation();
  plant.fail(world.nodes[1]!.name);
  plant.step(1000, 100);
  const seen = plant.observation();
  assert.equal(seen.takenPerSecond, undefined);
  assert.equal(seen.seats[0]!.busy, undefined);
  plant.rescale(even(world, 1));
  plant.step(10_000, 100);
  assert.ok(plant.observation().takenPerSecond! > 0);
});

test("with noise figures scatter, and some are missing", () => {
  const world = settings({}, { ...moderate, missing: 0.3 });
  const plant = new Plant(world, even(world, 2));
  let missing = 0;
  for (let tick = 0; tick < 50; tick++) {
    plant.step(200, 100);
    for (const { busy } of plant.observation().seats) if (busy === undefined) missing++;
  }
  assert.ok(missing > 10 && missing < 50, `${missing}`);
});
