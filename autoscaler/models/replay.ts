/**
 * Takes models through what a run's record says was seen, in the order in which it was, so that models are judged on old
 * records: each configuration is predicted when the run came to it, before anything of it is seen. Pure: lines come as data.
 */
import { type NetworkTable, networkView, noNetwork, type PairBelief } from "../network-view.ts";
import type { Configuration, MeasuredMst, Observation, World } from "../observation.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import { PredictionBook } from "../prediction-book.ts";
import type { Prediction, ThroughputModel } from "./model.ts";

/** Of `metrics.jsonl`; docs/records.md describes this and the following. */
export type MomentLine = {
  readonly t: number;
  readonly state: string;
  readonly attempt: number;
  readonly asked?: number;
  readonly taken?: number;
  readonly lagMs?: number;
  readonly sourceBackpressured?: number;
  readonly seats: readonly {
    readonly node: string;
    readonly share: number;
    readonly in?: number;
    readonly out?: number;
    readonly bytesIn?: number;
    readonly busy?: number;
    readonly backpressured?: number;
    readonly idle?: number;
    readonly stateBytes?: number;
    readonly queuedBytes?: number;
  }[];
  readonly nodes: Readonly<Record<string, { readonly cpu?: number }>>;
};

/** Of `decisions.jsonl`; other kinds of line say nothing here. */
export type DecidedLine =
  | {
      readonly t: number;
      readonly is: "tick";
      readonly decision: { readonly do: string; readonly to?: Configuration };
    }
  | ({ readonly t: number; readonly is: "mst"; readonly configuration: Configuration } & MeasuredMst)
  | { readonly t: number; readonly is: "outcome" };

/** Of `network.jsonl`. */
export type BelievedLine = {
  readonly t: number;
  readonly is: string;
  readonly pairs?: readonly {
    readonly from: string;
    readonly to: string;
    readonly estimatedMs?: number;
    readonly lowMs?: number;
    readonly highMs?: number;
  }[];
};

export type RecordedRun = {
  readonly world: World;
  readonly access: Pick<NetworkTable, "up" | "down">;
  /** After each start, in which controllers let models learn nothing. */
  readonly warmUpMs: number;
  readonly moments: readonly MomentLine[];
  readonly decisions: readonly DecidedLine[];
  readonly network: readonly BelievedLine[];
};

export type ReplayedStep = {
  readonly t: number;
  readonly configuration: Configuration;
  readonly measured: number;
  readonly predictions: Readonly<Record<string, Prediction>>;
};

export function replay(run: RecordedRun, models: readonly ThroughputModel[]): ReplayedStep[] {
  const replaying = new Replay(run, models);
  // What has the same time stands in the order in which a run does it: look, learn, decide.
  const happenings = [
    ...run.network.map((line) => ({ t: line.t, happen: () => replaying.believed(line) })),
    ...run.moments.map((line) => ({ t: line.t, happen: () => replaying.seen(line) })),
    ...run.decisions.map((line) => ({ t: line.t, happen: () => replaying.decided(line) })),
  ];
  happenings.sort((one, other) => one.t - other.t);
  for (const { happen } of happenings) happen();
  return replaying.steps;
}

class Replay {
  readonly steps: ReplayedStep[] = [];
  readonly #run: RecordedRun;
  readonly #models: readonly ThroughputModel[];
  readonly #book: PredictionBook;
  readonly #beliefs = new Map<string, readonly [from: string, to: string, PairBelief]>();
  #table: NetworkTable;
  #attempt: number | undefined;
  #runningSinceMs: number | undefined;
  #last: Observation | undefined;

  constructor(run: RecordedRun, models: readonly ThroughputModel[]) {
    this.#run = run;
    this.#models = models;
    this.#book = new PredictionBook(models);
    this.#table = { ...noNetwork, ...run.access };
  }

  believed({ pairs = [] }: BelievedLine): void {
    for (const { from, to, estimatedMs: rttMs, lowMs = rttMs, highMs = rttMs } of pairs) {
      if (rttMs === undefined || lowMs === undefined || highMs === undefined) continue;
      this.#beliefs.set([from, to].sort().join(" "), [from, to, { rttMs, lowMs, highMs }]);
    }
    if (pairs.length > 0) this.#table = tableOf([...this.#beliefs.values()], this.#run.access);
  }

  seen(line: MomentLine): void {
    if (line.attempt !== this.#attempt || line.state !== "running") this.#runningSinceMs = undefined;
    this.#attempt = line.attempt;
    if (line.state !== "running" || line.seats.length === 0) return;
    this.#runningSinceMs ??= line.t;
    const observation = observationOf(line, line.t - this.#runningSinceMs, this.#table);
    this.#last = observation;
    const view = networkView(observation.network);
    this.#book.foretell(observation.configuration, view);
    if (observation.steadyMs < this.#run.warmUpMs) return;
    for (const model of this.#models) model.observe(observation, view);
  }

  decided(line: DecidedLine): void {
    const view = networkView(this.#table);
    if (line.is === "tick" && line.decision.do === "rescale" && line.decision.to !== undefined)
      this.#book.foretell(line.decision.to, view);
    if (line.is !== "mst" || this.#last === undefined) return;
    const { t, configuration, mst, low, high } = line;
    this.steps.push({ t, configuration, measured: mst, predictions: this.#book.foretold(configuration) });
    for (const model of this.#models)
      model.observe({ ...this.#last, configuration, mst: { mst, low, high } }, view);
  }
}

function observationOf(line: MomentLine, steadyMs: number, network: NetworkTable): Observation {
  const { t: atMs, asked, taken, lagMs, sourceBackpressured, seats, nodes } = line;
  const cpu = Object.entries(nodes).flatMap(([name, use]) =>
    use.cpu === undefined ? [] : [[name, use.cpu] as const],
  );
  return {
    ...{ atMs, steadyMs, network, cpu: Object.fromEntries(cpu) },
    configuration: { seats: seats.map(({ node, share }) => ({ node, share })) },
    ...(asked !== undefined && { askedPerSecond: asked }),
    ...(taken !== undefined && { takenPerSecond: taken }),
    ...(lagMs !== undefined && { lagMs }),
    ...(sourceBackpressured !== undefined && { sourceBackpressured }),
    seats: seats.map(({ in: recordsIn, out: recordsOut, bytesIn, ...seat }) => ({
      ...seat,
      ...(recordsIn !== undefined && { recordsInPerSecond: recordsIn }),
      ...(recordsOut !== undefined && { recordsOutPerSecond: recordsOut }),
      ...(bytesIn !== undefined && { bytesInPerSecond: bytesIn }),
    })),
  };
}

function tableOf(
  beliefs: readonly (readonly [from: string, to: string, PairBelief])[],
  access: RecordedRun["access"],
): NetworkTable {
  const nodes = [...new Set([...beliefs.map(([from]) => from), ...beliefs.map(([, to]) => to)])];
  const place = new Map(nodes.map((name, at) => [name, at]));
  const pairs = new PairBeliefs(nodes.length);
  for (const [from, to, belief] of beliefs) {
    if (from !== to) pairs.set(place.get(from)!, place.get(to)!, belief);
  }
  return { nodes, pairs, ...access };
}
