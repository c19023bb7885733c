import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networkView } from "../network-view.ts";
import type { Observation } from "../observation.ts";
import { Plant } from "../plant/plant.ts";
import type { PlantSettings } from "../plant/plant-world.ts";
import { calm, moderate, randomPlant, rough } from "../plant/random-plant.ts";
import { hasCapacities, shareByCapacity } from "./capacity-shares.ts";
import { climb, even, type Step } from "./ladder-for-tests.ts";
import { models } from "./registry.ts";
import { roofline } from "./roofline.ts";

const errorsOf = (steps: readonly Step[], name: string) =>
  steps.flatMap(({ truth, predicted }) => {
    const prediction = predicted[name];
    return prediction === undefined ? [] : [Math.abs(prediction.mst / truth - 1)];
  });

const quantile = (values: readonly number[], part: number) =>
  [...values].sort((one, other) => one - other)[
    Math.min(values.length - 1, Math.floor(part * values.length))
  ]!;

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

test("in random worlds the next step is predicted within 5 % in the median and 10 % at the 95th percentile", (context) => {
  const worlds = fc.sample(fc.record({ seed: fc.nat(1e6), farMs: fc.constantFrom(0, 12.5, 25) }), {
    seed: 11,
    numRuns: 8,
  });
  const all = worlds.map(({ seed, farMs }, at) => {
    const job = at % 2 === 0 ? ("map" as const) : ("join" as const);
    const settings = randomPlant({ seed, workers: 6, generators: 2, job, farMs, noise: moderate });
    return climb(settings, { models, to: 6, measureNoise: 0.01 });
  });
  for (const name of Object.keys(models)) {
    const errors = all.flatMap((steps) => errorsOf(steps, name));
    context.diagnostic(
      `${name}: median ${percent(quantile(errors, 0.5))}, p95 ${percent(quantile(errors, 0.95))}`,
    );
  }
  const errors = all.flatMap((steps) => errorsOf(steps, "roofline"));
  assert.equal(errors.length, 8 * 5);
  assert.ok(quantile(errors, 0.5) <= 0.05 && quantile(errors, 0.95) <= 0.1, errors.map(percent).join(", "));
  const within = all.flat().flatMap(({ truth, predicted: { roofline } }) => {
    return roofline === undefined ? [] : [truth >= roofline.low && truth <= roofline.high ? 1 : 0];
  });
  const covered = within.reduce((sum: number, one) => sum + one, 0) / within.length;
  context.diagnostic(`intervals hold the truth in ${percent(covered)}`);
  assert.ok(covered >= 0.8, `${covered}`);
});

const held = (settings: PlantSettings): PlantSettings => ({
  ...settings,
  nodes: settings.nodes.map((node) => ({ ...node, isHeld: true })),
});

/** As a search for the MST loads a job: too much, about what it holds, and at last what is easy. */
const searching = [1.2, 0.95, 0.5] as const;

test("on nodes held to a quota, where busy time does not grow with work, CPU time tells what the next step brings", (context) => {
  const errors = [41, 42, 43, 44].flatMap((seed, at) => {
    const job = at % 2 === 0 ? ("map" as const) : ("join" as const);
    const settings = held(randomPlant({ seed, workers: 5, generators: 2, job, farMs: 0, noise: moderate }));
    return errorsOf(
      climb(settings, { models: { roofline }, to: 5, measureNoise: 0.01, loads: searching }),
      "roofline",
    );
  });
  context.diagnostic(errors.map(percent).join(", "));
  assert.equal(errors.length, 4 * 4);
  assert.ok(quantile(errors, 0.5) <= 0.05 && quantile(errors, 0.95) <= 0.1, errors.map(percent).join(", "));
});

for (const sees of ["CPU time", "busy time alone"] as const) {
  test(`what easy ticks tell, by ${sees}, moves no prediction away from what was measured`, () => {
    const settings = held(planted({}));
    const plant = new Plant(settings, even(settings, 2));
    const model = roofline(plant.world);
    const truth = plant.mst(even(settings, 2));
    let last = plant.observation();
    const run = (ticks: number, asked: number) => {
      for (let tick = 0; tick < ticks; tick++) {
        plant.step(1000, asked);
        const seen = plant.observation();
        last = sees === "CPU time" ? seen : { ...seen, cpu: {} };
        model.observe(last, networkView(last.network));
      }
      plant.forgetBacklog();
    };
    run(20, 1.2 * truth);
    const mst = { mst: truth, low: 0.99 * truth, high: 1.01 * truth };
    model.observe({ ...last, mst }, networkView(last.network));
    run(200, 0.4 * truth);
    run(200, 0.7 * truth);
    const { mst: same } = model.predict(even(settings, 2), networkView(last.network))!;
    assert.ok(Math.abs(same / truth - 1) < 0.05, `${same} ${truth}`);
  });
}

for (const [what, takenOf, resource] of [
  ["a moment in which they took little", (tick: number) => (tick % 4 === 1 ? 0.2 : 1), "cpu"],
  ["always less than was asked of them", () => 0.8, "source"],
] as const) {
  test(`of sources that nothing held up, ${what} is ${resource === "cpu" ? "no" : "a"} limit of their own`, () => {
    const settings = held(planted({}));
    const [two, three] = [even(settings, 2), even(settings, 3)];
    const plant = new Plant(settings, two);
    const model = roofline(plant.world);
    const truth = plant.mst(two);
    let last = plant.observation();
    for (let tick = 0; tick < 100; tick++) {
      plant.step(1000, 0.4 * truth);
      const seen = plant.observation();
      const taken = { takenPerSecond: 0.4 * truth * takenOf(tick), sourceBackpressured: 0 };
      last = { ...seen, ...taken };
      model.observe(last, networkView(last.network));
    }
    assert.equal(model.predict(three, networkView(last.network))!.binds?.resource, resource);
  });
}

/** A calm world of four like nodes, the last two as far as asked, in which CPU binds as long as nothing else is made tight. */
function planted(changes: { rttMs?: number; downBits?: number; bufferBytes?: number }): PlantSettings {
  const drawn = randomPlant({ seed: 3, workers: 4, generators: 2, job: "map", farMs: 0, noise: calm });
  const isLate = (node: string) => node === "dsp3" || node === "dsp4";
  return {
    ...drawn,
    nodes: drawn.nodes.map((node) => ({ ...node, device: "pi4b", speed: 0.2 })),
    network: {
      rttMs: (one, other) => (isLate(one) || isLate(other) ? (changes.rttMs ?? 2) : 2),
      up: () => 100e6,
      down: (node) => (isLate(node) ? (changes.downBits ?? 100e6) : 100e6),
    },
    job: {
      ...drawn.job,
      microsPerRecord: 100,
      microsPerResult: 0,
      bytesPerRecord: 200,
      bufferBytes: changes.bufferBytes ?? 200_000,
      usable: 0.9,
      turnMs: 6,
      skew: 0,
    },
  };
}

/** What it says of three seats, of which the third is on a node like none before, having seen two. */
function toldOfThree(settings: PlantSettings) {
  const steps = climb(settings, { models: { roofline }, to: 3, measureNoise: 0 });
  return { ...steps[2]!, prediction: steps[2]!.predicted.roofline! };
}

test("it names the CPU where CPU binds", () => {
  const { prediction, truth } = toldOfThree(planted({}));
  assert.equal(prediction.binds?.resource, "cpu");
  assert.match(prediction.binds!.text, /^the CPU of dsp\d: 33.* % of the records at /);
  assert.ok(Math.abs(prediction.mst / truth - 1) < 0.05, `${prediction.mst} ${truth}`);
});

test("it names the channel to a far node before it was ever used, and how much is lost by it", () => {
  // 40 kB × 0.9 over 206 ms are 175 kB/s, less than half of what the CPU of a seat takes.
  const { prediction, truth } = toldOfThree(planted({ rttMs: 200, bufferBytes: 40_000 }));
  assert.equal(prediction.binds?.resource, "channel");
  assert.equal(prediction.binds?.node, "dsp3");
  assert.match(prediction.binds!.text, /^the channel gen\d → dsp3: 35\.\d KiB over 2\d\d ms there and back$/);
  assert.ok(Math.abs(prediction.mst / truth - 1) < 0.1, `${prediction.mst} ${truth}`);
});

test("it names a thin link", () => {
  const { prediction, truth } = toldOfThree(planted({ downBits: 1e6 }));
  assert.equal(prediction.binds?.resource, "link");
  assert.match(
    prediction.binds!.text,
    /^the link down of dsp3: 1\.00 Mbit\/s for 33.* % of the records, 200 B each$/,
  );
  assert.ok(Math.abs(prediction.mst / truth - 1) < 0.08, `${prediction.mst} ${truth}`);
});

test("with equal shares a far node takes throughput, and it is foreseen; with shares by capacity the node adds some", () => {
  const settings = planted({ rttMs: 200, bufferBytes: 40_000 });
  const two = climb(settings, { models: { roofline }, to: 2, measureNoise: 0 })[1]!.truth;
  const three = toldOfThree(settings);
  assert.ok(three.truth < two && three.prediction.mst < two);
  const shared = climb(settings, {
    models: { roofline },
    to: 3,
    measureNoise: 0,
    configuration: (count, made, observation) => {
      const model = made.get("roofline");
      if (model === undefined || observation === undefined) return even(settings, count);
      assert.ok(hasCapacities(model));
      const nodes = settings.nodes.slice(0, count).map(({ name }) => name);
      return { seats: shareByCapacity(nodes, networkView(observation.network), model) };
    },
  })[2]!;
  assert.ok(shared.truth > two * 1.1, `${shared.truth} with the far node, ${two} without`);
});

for (const [what, factor] of [
  ["ten times too high", 10],
  ["0", 0],
  ["not a number", Number.NaN],
] as const) {
  test(`one measured throughput that is ${what} does not spoil what follows`, () => {
    const settings = randomPlant({
      seed: 21,
      workers: 4,
      generators: 2,
      job: "map",
      farMs: 12.5,
      noise: calm,
    });
    let measured = 0;
    const spoil = (observation: Observation): Observation => {
      if (observation.mst === undefined || ++measured !== 2) return observation;
      const { mst, low, high } = observation.mst;
      return { ...observation, mst: { mst: mst * factor, low: low * factor, high: high * factor } };
    };
    const steps = climb(settings, { models: { roofline }, to: 4, measureNoise: 0.01, spoil });
    for (const error of errorsOf(steps.slice(2), "roofline")) assert.ok(error < 0.1, percent(error));
  });
}

test("with a tenth of all figures missing and a hundredth nonsense it still predicts", (context) => {
  const errors = [31, 32].flatMap((seed) => {
    const settings = randomPlant({ seed, workers: 4, generators: 2, job: "map", farMs: 12.5, noise: rough });
    return errorsOf(climb(settings, { models: { roofline }, to: 4, measureNoise: 0.01 }), "roofline");
  });
  context.diagnostic(errors.map(percent).join(", "));
  assert.equal(errors.length, 6);
  assert.ok(quantile(errors, 0.5) < 0.06 && Math.max(...errors) < 0.2, errors.map(percent).join(", "));
});

test("before anything was seen it says nothing", () => {
  const settings = planted({});
  const plant = new Plant(settings, even(settings, 1));
  const model = roofline(plant.world);
  const view = networkView(plant.observation().network);
  assert.equal(model.predict(even(settings, 1), view), undefined);
  assert.deepEqual(
    shareByCapacity(["dsp1", "dsp2"], view, model).map(({ share }) => share),
    [0.5, 0.5],
  );
});

test("what it looks up grows with seats times sources, not with pairs of seats", () => {
  const settings = planted({});
  const plant = new Plant(settings, even(settings, 1));
  const model = roofline(plant.world);
  for (let tick = 0; tick < 12; tick++) {
    plant.step(1000, 500);
    const observation = plant.observation();
    model.observe(observation, networkView(observation.network));
  }
  let lookups = 0;
  const counting = {
    pair: () => {
      lookups++;
      return { rttMs: 5, lowMs: 4, highMs: 6 };
    },
    upBitsPerSecond: () => 1e8,
    downBitsPerSecond: () => 1e8,
  };
  const seats = Array.from({ length: 1000 }, (_, at) => ({ node: `n${at}`, share: 1 / 1000 }));
  assert.ok(model.predict({ seats }, counting)!.mst > 0);
  assert.equal(lookups, 1000 * 2);
});
