/** The whole loop of controller, model and policy against a simulated job whose other nodes are all far away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Plant } from "../plant/plant.ts";
import type { PlantSettings } from "../plant/plant-world.ts";
import { calm, randomPlant } from "../plant/random-plant.ts";
import { noFaults } from "../simulation/closed-loop.ts";
import { contestants, fight } from "../simulation/contest.ts";

const ours = contestants[0]!;
const near = ["dsp1", "dsp2", "dsp3"];

/** Three nodes 2 ms away and three `farRttMs` away, all alike; a join whose results cost as much as its records. */
function joining(farRttMs: number): PlantSettings {
  const drawn = randomPlant({ seed: 3, workers: 6, generators: 2, job: "join", farMs: 0, noise: calm });
  const isFar = (node: string) => node.startsWith("dsp") && !near.includes(node);
  return {
    ...drawn,
    nodes: drawn.nodes.map((node) => ({ ...node, device: "pi4b", speed: 0.2 })),
    network: {
      rttMs: (one, other) => (isFar(one) || isFar(other) ? farRttMs : 2),
      up: () => 100e6,
      down: () => 100e6,
    },
    job: { ...drawn.job, bytesPerRecord: 200, bufferBytes: 40_000, usable: 0.9, turnMs: 6, skew: 0 },
  };
}

async function loaded(plant: PlantSettings, part: number) {
  const first = { seats: near.map((node) => ({ node, share: 1 / near.length })) };
  const alone = new Plant(plant, first).mst(first);
  const ring = { plant, base: alone, first, max: 6 };
  const load = (atMs: number) => alone * (atMs < 90_000 ? 0.8 : part);
  const result = await fight(ours, { ring, load, durationMs: 240_000, faults: noFaults });
  return { ...result, alone, carries: new Plant(plant, first).mst(result.configuration) };
}

test("far nodes that would carry next to nothing are refused with what would bind, though the job falls behind", async () => {
  const { acts, lines, configuration } = await loaded(joining(20_000), 1.3);
  assert.deepEqual(configuration.seats.map(({ node }) => node).sort(), near, JSON.stringify(acts));
  const said = lines.flatMap((line) => (line.is === "tick" ? [line.decision.because] : []));
  assert.ok(
    said.some((because) => /no other nodes carry more .*the (CPU|channel)/.test(because)),
    [...new Set(said)].slice(-5).join("\n"),
  );
});

test("far nodes that carry something get the key groups that they can bear, and the job carries more than without", async () => {
  const { acts, configuration, alone, carries } = await loaded(joining(200), 1.3);
  assert.ok(configuration.seats.length > near.length, JSON.stringify(acts));
  assert.ok(carries > alone * 1.05, `${carries} after ${alone}: ${JSON.stringify(configuration)}`);
  const shareOf = (isFar: boolean) =>
    configuration.seats.filter(({ node }) => near.includes(node) !== isFar).map(({ share }) => share);
  assert.ok(Math.max(...shareOf(true)) < Math.min(...shareOf(false)), JSON.stringify(configuration));
});
