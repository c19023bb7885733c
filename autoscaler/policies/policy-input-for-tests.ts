/** Inputs for policies without a controller: a small world, a history of a job that runs evenly, a model that is right. */

import type { Prediction } from "../models/model.ts";
import { networkView } from "../network-view.ts";
import type { Configuration, NodeFacts, Observation, World } from "../observation.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import type { Outcome, PolicyInput } from "./policy.ts";

export type WorldForTests = {
  /** What each node carries alone, in records per second, and how far it is from the source. */
  readonly nodes: Readonly<
    Record<string, { readonly carries: number; readonly rttMs: number; readonly slots?: number }>
  >;
};

/** near1, near2, … carry 100 each and are 1 ms away (and a little more each); far1, far2, … carry 40 and are 50 ms away. */
export function nearAndFar(near: number, far: number): WorldForTests {
  const nodes: Record<string, { carries: number; rttMs: number }> = {};
  for (let number = 1; number <= near; number++)
    nodes[`near${number}`] = { carries: 100, rttMs: 1 + number / 100 };
  for (let number = 1; number <= far; number++)
    nodes[`far${number}`] = { carries: 40, rttMs: 50 + number / 100 };
  return { nodes };
}

export const worldOf = ({ nodes }: WorldForTests): World => ({
  nodes: Object.entries(nodes).map(
    ([name, { slots }]): NodeFacts => ({ name, device: "pi4b", slots: slots ?? 1 }),
  ),
  job: { operator: "map", sources: ["gen"], inputs: 1, joins: false, checkpointMode: "aligned" },
});

/** The whole job at the rate of its most loaded seat; known to a tenth. */
export function rightModel(
  { nodes }: WorldForTests,
  known = 0.1,
): (configuration: Configuration) => Prediction {
  return ({ seats }) => {
    const mst = Math.min(...seats.map(({ node, share }) => nodes[node]!.carries / share));
    return { mst, low: mst * (1 - known), high: mst * (1 + known) };
  };
}

export function tableOf({ nodes }: WorldForTests): Observation["network"] {
  const names = ["gen", ...Object.keys(nodes)];
  const rtt = (name: string) => nodes[name]?.rttMs ?? 0;
  const pairs = new PairBeliefs(names.length);
  for (const [row, one] of names.entries()) {
    for (const [column, other] of names.slice(0, row).entries()) {
      const rttMs = rtt(one) + rtt(other);
      pairs.set(row, column, { rttMs, lowMs: rttMs, highMs: rttMs });
    }
  }
  return { nodes: names, pairs, up: {}, down: {} };
}

export type Running = {
  readonly on: readonly string[];
  readonly asked: number | ((atMs: number) => number);
  readonly forMs?: number;
  readonly outcomes?: readonly Outcome[];
  readonly bounds?: PolicyInput["bounds"];
  /** Of each observation, after it was made. */
  readonly seen?: (observation: Observation) => Observation;
  readonly lost?: readonly string[];
};

/** A job that has been running on even shares for a while, seen once a second. */
export function running(
  world: WorldForTests,
  { on, asked, forMs = 120_000, outcomes, bounds, seen, lost }: Running,
): PolicyInput {
  const configuration = { seats: on.map((node) => ({ node, share: 1 / on.length })) };
  const network = tableOf(world);
  const predict = rightModel(world);
  const { mst } = predict(configuration);
  const history: Observation[] = [];
  let due = 0;
  for (let atMs = 1000; atMs <= forMs; atMs += 1000) {
    const rate = typeof asked === "number" ? asked : asked(atMs);
    const taken = Math.min(mst, rate + due);
    due = Math.max(0, due + rate - taken);
    const busy = Math.min(1, taken / mst);
    const observation: Observation = {
      atMs,
      configuration,
      steadyMs: atMs,
      askedPerSecond: rate,
      takenPerSecond: taken,
      sourceBackpressured: busy >= 1 ? 0.9 : 0,
      lagMs: (1000 * due) / rate,
      seats: configuration.seats.map((seat) => ({ ...seat, busy, recordsInPerSecond: taken * seat.share })),
      cpu: Object.fromEntries(on.map((node) => [node, busy])),
      network,
    };
    history.push(seen ? seen(observation) : observation);
  }
  const { nodes, job } = worldOf(world);
  return {
    world: { nodes: nodes.filter(({ name }) => !lost?.includes(name)), job },
    history,
    network: networkView(network),
    predict,
    bounds: bounds ?? { min: 1, max: 20 },
    outcomes: outcomes ?? [],
  };
}
