/** Takes models up a ladder of configurations on a plant: each is predicted before it is seen, then run and measured. */
import { networkView } from "../network-view.ts";
import type { Configuration, MeasuredMst, Observation, World } from "../observation.ts";
import { Plant } from "../plant/plant.ts";
import type { PlantSettings } from "../plant/plant-world.ts";
import { seeded } from "../plant/random.ts";
import type { MakeModel, Prediction, ThroughputModel } from "./model.ts";

export type Step = {
  readonly seats: number;
  readonly truth: number;
  readonly predicted: Readonly<Record<string, Prediction | undefined>>;
};

export const even = ({ nodes }: PlantSettings, count: number): Configuration => ({
  seats: nodes.slice(0, count).map(({ name }) => ({ node: name, share: 1 / count })),
});

export type LadderOptions = {
  readonly models: Readonly<Record<string, MakeModel>>;
  readonly from?: number;
  readonly to: number;
  /** Of a measured throughput, relative. */
  readonly measureNoise: number;
  readonly configuration?: (
    count: number,
    made: ReadonlyMap<string, ThroughputModel>,
    observation: Observation | undefined,
  ) => Configuration;
  /** Of what a configuration sustains: what is asked of it one after the other before it is told what was measured. */
  readonly loads?: readonly number[];
  /** Spoils what models are told. */
  readonly spoil?: (observation: Observation) => Observation;
};

/** Of what it sustains: too much, and a little less. */
const usualLoads = [1.2, 0.9] as const;

export function climb(settings: PlantSettings, options: LadderOptions): Step[] {
  const { models, from = 1, to, measureNoise, loads = usualLoads, spoil = (same) => same } = options;
  const configurationOf = options.configuration ?? ((count) => even(settings, count));
  const random = seeded(settings.seed + 7);
  const plant = new Plant(settings, configurationOf(from, new Map(), undefined));
  const made = new Map(Object.entries(models).map(([name, make]) => [name, make(plant.world)]));
  const steps: Step[] = [];
  let observation: Observation | undefined;
  for (let count = from; count <= to; count++) {
    const wanted = configurationOf(count, made, observation);
    const predicted = predictAll(made, wanted, observation);
    if (count > from) plant.rescale(wanted);
    const truth = plant.mst(wanted);
    steps.push({ seats: count, truth, predicted });
    const watch = (forMs: number, asked: number) => {
      for (let ms = 0; ms < forMs; ms += 1000) {
        plant.step(1000, asked);
        observation = spoil(plant.observation());
        tell(made, observation);
      }
    };
    const holdMs = holdMsOf(plant.world);
    for (const load of loads) {
      watch(holdMs, truth * load);
      plant.forgetBacklog();
      plant.rescale(wanted);
    }
    const mst = truth * (1 + measureNoise * random.normal());
    tell(made, spoil({ ...observation!, mst: measured(mst, measureNoise) }));
  }
  return steps;
}

const measured = (mst: number, noise: number): MeasuredMst => ({
  mst,
  low: mst * (1 - 1.645 * noise),
  high: mst * (1 + 1.645 * noise),
});

const holdMsOf = ({ job }: World) =>
  6000 + (job.windowMs ?? 0) + 2 * Math.max(job.checkpointEveryMs ?? 0, 4000);

function tell(made: ReadonlyMap<string, ThroughputModel>, observation: Observation): void {
  const view = networkView(observation.network);
  for (const model of made.values()) model.observe(observation, view);
}

function predictAll(
  made: ReadonlyMap<string, ThroughputModel>,
  configuration: Configuration,
  observation: Observation | undefined,
): Record<string, Prediction | undefined> {
  if (observation === undefined) return {};
  const view = networkView(observation.network);
  return Object.fromEntries([...made].map(([name, model]) => [name, model.predict(configuration, view)]));
}
