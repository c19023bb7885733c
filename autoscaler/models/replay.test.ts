import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configuration, Observation, World } from "../observation.ts";
import type { ThroughputModel } from "./model.ts";
import { type MomentLine, replay } from "./replay.ts";

const world: World = {
  job: { operator: "map", sources: ["gen1"], inputs: 1, joins: false, checkpointMode: "aligned" },
  nodes: [],
};

const evenly = (...nodes: string[]): Configuration => ({
  seats: nodes.map((node) => ({ node, share: 1 / nodes.length })),
});

const moment = (t: number, attempt: number, { seats }: Configuration): MomentLine => ({
  ...{ t, attempt, state: "running", asked: 100, taken: 90 },
  seats: seats.map((seat) => ({ ...seat, in: 90, out: 90, busy: 0.5 })),
  nodes: { a: { cpu: 0.4 }, b: {} },
});

/** Says as its prediction how many observations it was told, and keeps them. */
class Counting implements ThroughputModel {
  readonly name = "counting";
  readonly told: Observation[] = [];
  observe(observation: Observation): void {
    this.told.push(observation);
  }
  predict() {
    const mst = this.told.length;
    return mst === 0 ? undefined : { mst, low: mst, high: mst };
  }
}

test("a configuration is predicted when it is decided on, before anything of it is seen, and nothing is learnt in warm-up", () => {
  const model = new Counting();
  const [one, two] = [evenly("a"), evenly("a", "b")];
  const steps = replay(
    {
      ...{ world, access: { up: { a: 1e6 }, down: {} }, warmUpMs: 2000 },
      moments: [
        ...[0, 1000, 2000, 3000].map((t) => moment(t, 1, one)),
        ...[5000, 6000, 7000].map((t) => moment(t, 2, two)),
      ],
      decisions: [
        { t: 3100, is: "mst", configuration: one, mst: 90, low: 89, high: 91 },
        { t: 3200, is: "tick", decision: { do: "rescale", to: two } },
        { t: 3300, is: "outcome" },
        { t: 7100, is: "mst", configuration: two, mst: 170, low: 169, high: 171 },
      ],
      network: [
        { t: 500, is: "coordinates" },
        { t: 600, is: "rtt", pairs: [{ from: "gen1", to: "a", estimatedMs: 20 }] },
      ],
    },
    [model],
  );
  assert.deepEqual(
    steps.map(({ measured, predictions }) => [measured, predictions.counting?.mst]),
    [
      [90, undefined],
      [170, 3],
    ],
  );
  assert.deepEqual(
    model.told.map(({ atMs, steadyMs, mst }) => [atMs, steadyMs, mst?.mst]),
    [
      [2000, 2000, undefined],
      [3000, 3000, undefined],
      [3000, 3000, 90],
      [7000, 2000, undefined],
      [7000, 2000, 170],
    ],
  );
  const [first] = model.told;
  assert.deepEqual(first!.cpu, { a: 0.4 });
  assert.equal(first!.seats[0]!.recordsInPerSecond, 90);
  assert.deepEqual(first!.network.pairs.at(0, 1), { rttMs: 20, lowMs: 20, highMs: 20 });
  assert.deepEqual(first!.network.up, { a: 1e6 });
});
