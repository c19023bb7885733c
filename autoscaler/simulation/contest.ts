/** Policies against each other: the same plant, load and seed for each, and what each made of it. */
import { type ModelName, models } from "../models/registry.ts";
import { networkView } from "../network-view.ts";
import type { Configuration } from "../observation.ts";
import { Plant } from "../plant/plant.ts";
import type { PlantSettings } from "../plant/plant-world.ts";
import { flink, flinkShort } from "../policies/flink.ts";
import { startConfiguration } from "../policies/nearness.ts";
import type { Policy } from "../policies/policy.ts";
import { makePolicy } from "../policies/registry.ts";
import { replacingLost } from "../policies/replacing-lost.ts";
import { closedLoop, type Faults, type LoopResult } from "./closed-loop.ts";
import type { Load } from "./load.ts";

export type Contestant = { readonly name: string; readonly model: ModelName; make(): Policy };

const registered = { shares: "capacity", steps: [] } as const;

/** Each with the model that it was published with. */
export const contestants: readonly Contestant[] = [
  { name: "roofline", model: "roofline", make: () => makePolicy("roofline", registered) },
  { name: "gesscale", model: "gesscale", make: () => makePolicy("gesscale", registered) },
  { name: "flink", model: "flink", make: () => makePolicy("flink", registered) },
  { name: "flink, with shorter times", model: "flink", make: () => replacingLost(flink(flinkShort)) },
  { name: "threshold", model: "only-alpha", make: () => makePolicy("threshold", registered) },
];

export type Ring = {
  readonly plant: PlantSettings;
  /** Records per second that the load goes up from, and what is run first: enough for it. */
  readonly base: number;
  readonly first: Configuration;
  readonly max: number;
};

/** How much of what the best of some configurations carries the load goes up from: doubled, it must still be possible. */
const basePart = 0.35;
/** What is run first carries so much more than is asked at first. */
const firstMargin = 1.2;

/** Nobody who takes part sees what is looked up here. */
export function ringOf(plant: PlantSettings): Ring {
  const workers = plant.nodes.map(({ name }) => name);
  const probe = new Plant(plant, { seats: [{ node: workers[0]!, share: 1 }] });
  probe.step(1000, 1);
  const network = networkView(probe.observation().network);
  const nearest = (count: number) => startConfiguration(probe.world, network, count);
  // Where far nodes take throughput away, the near half carries most.
  const half = Math.ceil(workers.length / 2);
  const base = basePart * Math.max(probe.mst(nearest(half)), probe.mst(nearest(workers.length)));
  let count = 1;
  while (count < workers.length && probe.mst(nearest(count)) < firstMargin * base) count++;
  return { plant, base, first: nearest(count), max: workers.length };
}

export type Bout = {
  readonly ring: Ring;
  readonly load: Load;
  readonly durationMs: number;
  readonly faults: Faults;
};

const controllerTickMs = 1_000;
const warmUpMs = 5_000;
const staleMs = 5_000;
const historyMs = 300_000;

export function fight(
  { model, make }: Contestant,
  bout: Bout,
  breathe: () => Promise<void> = async () => {},
): Promise<LoopResult> {
  const { ring, load, durationMs, faults } = bout;
  const plant = new Plant(ring.plant, ring.first);
  return closedLoop({
    plant,
    load,
    durationMs,
    faults,
    breathe,
    tickMs: controllerTickMs,
    controller: {
      world: plant.world,
      models: [models[model](plant.world)],
      model,
      policy: make(),
      bounds: { min: 1, max: ring.max },
      dryRun: false,
      warmUpMs,
      staleMs,
      historyMs,
    },
  });
}
