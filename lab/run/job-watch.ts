/**
 * From an engine's counters to rates: each subtask's figures against the ones that it told before. Counters begin anew
 * with an attempt, and what a worker has not told for a while is left out, since nothing that is unknown is zero. Pure.
 */
import type { Configuration } from "#autoscaler/observation.ts";
import type { EngineCheckpoint, EngineMetrics, EngineSubtask } from "#engine/engine.ts";
import { Histogram, type HistogramJson } from "#engine/metrics/histogram.ts";
import type { SeatFigures, SourceFigures } from "#lab/records/lines.ts";

export type JobFigures = {
  readonly atMs: number;
  readonly state: string;
  readonly attempt: number;
  /** Undefined while nothing is deployed. */
  readonly configuration: Configuration | undefined;
  /** For how long this attempt has been running. */
  readonly steadyMs: number;
  readonly taken?: number;
  readonly sourceBackpressured?: number;
  readonly lagMs?: number;
  readonly seats: readonly SeatFigures[];
  readonly sources: readonly SourceFigures[];
  /** Of all sinks that measure it; since the attempt's start. */
  readonly latency?: HistogramJson;
  /** That were not there at the reading before, oldest first. */
  readonly newCheckpoints: readonly EngineCheckpoint[];
  readonly lastCheckpoint: EngineCheckpoint | undefined;
};

type Rates = {
  readonly in: number;
  readonly out: number;
  readonly bytesIn?: number;
  readonly busy?: number;
  readonly backpressured?: number;
  readonly idle?: number;
};

type Known = { readonly told: EngineSubtask; readonly rates?: Rates };

export type JobWatchSettings = {
  /** The id of the operator that is scaled. */
  readonly operator: string;
  /** What was told longer ago does not count any more. */
  readonly staleMs: number;
};

export class JobWatch {
  readonly #settings: JobWatchSettings;
  #attempt: number | undefined;
  #runningSinceMs: number | undefined;
  #known = new Map<string, Known>();
  #checkpoints = new Set<string>();
  #lastCheckpoint: EngineCheckpoint | undefined;

  constructor(settings: JobWatchSettings) {
    this.#settings = settings;
  }

  see(metrics: EngineMetrics): JobFigures {
    const { atMs, state, attempt } = metrics;
    if (attempt !== this.#attempt) {
      this.#attempt = attempt;
      this.#runningSinceMs = undefined;
      this.#known.clear();
    }
    if (state !== "running") this.#runningSinceMs = undefined;
    else this.#runningSinceMs ??= atMs;
    for (const told of metrics.subtasks) this.#learn(told);
    const fresh = [...this.#known.values()].filter(({ told }) => atMs - told.atMs <= this.#settings.staleMs);
    const seats = this.#seats(metrics, fresh);
    const sources = sourcesOf(metrics, fresh);
    return {
      ...{ atMs, state, attempt, seats, sources },
      ...whole(sources),
      ...latencyOf(fresh),
      configuration:
        seats.length === 0 ? undefined : { seats: seats.map(({ node, share }) => ({ node, share })) },
      steadyMs: this.#runningSinceMs === undefined ? 0 : atMs - this.#runningSinceMs,
      newCheckpoints: this.#newCheckpoints(metrics.checkpoints),
      lastCheckpoint: this.#lastCheckpoint,
    };
  }

  #learn(told: EngineSubtask): void {
    const key = `${told.operators.join(",")} ${told.subtask}`;
    const before = this.#known.get(key);
    if (before !== undefined && told.atMs <= before.told.atMs) return;
    // On another worker it counts from zero again.
    const isSame = before !== undefined && before.told.worker === told.worker;
    this.#known.set(key, isSame ? { told, rates: ratesBetween(before.told, told) } : { told });
  }

  #seats(metrics: EngineMetrics, fresh: readonly Known[]): SeatFigures[] {
    const { operator } = this.#settings;
    const placed = metrics.placement[operator];
    if (placed === undefined) return [];
    return placed.workers.map((worker, subtask): SeatFigures => {
      const seat = { subtask, node: nodeOf(worker), share: placed.shares[subtask]! };
      const known = fresh.find(({ told }) => told.subtask === subtask && told.operators.includes(operator));
      if (known === undefined) return seat;
      const { stateBytes, queuedBytes } = known.told;
      return { ...seat, ...known.rates, stateBytes, queuedBytes };
    });
  }

  #newCheckpoints(checkpoints: readonly EngineCheckpoint[]): EngineCheckpoint[] {
    const keyOf = ({ checkpoint, kind }: EngineCheckpoint) => `${kind} ${checkpoint}`;
    const added = checkpoints.filter((each) => !this.#checkpoints.has(keyOf(each)));
    // What the engine has forgotten it does not tell again.
    this.#checkpoints = new Set(checkpoints.map(keyOf));
    this.#lastCheckpoint =
      added.findLast(({ outcome, kind }) => outcome === "completed" && kind === "checkpoint") ??
      this.#lastCheckpoint;
    return added;
  }
}

/** A second worker of a node is called `node.2`; names of nodes have no dots. */
export const nodeOf = (worker: string): string => worker.replace(/\.\d+$/, "");

function ratesBetween(before: EngineSubtask, now: EngineSubtask): Rates {
  const seconds = (now.atMs - before.atMs) / 1000;
  const perSecond = (one: number, other: number) => Math.max(0, other - one) / seconds;
  const spent = {
    busy: now.busyMs - before.busyMs,
    backpressured: now.backpressuredMs - before.backpressuredMs,
    idle: now.idleMs - before.idleMs,
  };
  const sumMs = spent.busy + spent.backpressured + spent.idle;
  const part = (ms: number) => Math.min(1, Math.max(0, ms / sumMs));
  return {
    in: perSecond(before.recordsIn, now.recordsIn),
    out: perSecond(before.recordsOut, now.recordsOut),
    ...(before.bytesIn !== undefined && now.bytesIn !== undefined
      ? { bytesIn: perSecond(before.bytesIn, now.bytesIn) }
      : {}),
    ...(sumMs > 0
      ? { busy: part(spent.busy), backpressured: part(spent.backpressured), idle: part(spent.idle) }
      : {}),
  };
}

function sourcesOf(metrics: EngineMetrics, fresh: readonly Known[]): SourceFigures[] {
  const ids = new Set(
    metrics.subtasks.flatMap(({ isSource, operators }) => (isSource ? [operators[0]!] : [])),
  );
  return [...ids].flatMap((operator) => {
    const placed = metrics.placement[operator];
    if (placed === undefined) return [];
    return placed.workers.map((worker, subtask): SourceFigures => {
      const source = { operator, subtask, node: nodeOf(worker) };
      const known = fresh.find(({ told }) => told.subtask === subtask && told.operators[0] === operator);
      if (known === undefined) return source;
      const { rates, told } = known;
      return {
        ...source,
        ...(rates === undefined ? {} : { out: rates.out }),
        ...(rates?.backpressured === undefined ? {} : { backpressured: rates.backpressured }),
        ...(told.lagMs === undefined ? {} : { lagMs: told.lagMs }),
      };
    });
  });
}

/** Of all sources together: known only where each one's part is. */
function whole(
  sources: readonly SourceFigures[],
): Pick<JobFigures, "taken" | "sourceBackpressured" | "lagMs"> {
  const all = (read: (source: SourceFigures) => number | undefined): number[] | undefined => {
    const values = sources.map(read).filter((value) => value !== undefined);
    return values.length > 0 && values.length === sources.length ? values : undefined;
  };
  const [out, backpressured, lags] = [
    all((source) => source.out),
    all((source) => source.backpressured),
    all((source) => source.lagMs),
  ];
  return {
    ...(out === undefined ? {} : { taken: sumOf(out) }),
    ...(backpressured === undefined ? {} : { sourceBackpressured: sumOf(backpressured) / sources.length }),
    ...(lags === undefined ? {} : { lagMs: Math.max(...lags) }),
  };
}

function latencyOf(fresh: readonly Known[]): Pick<JobFigures, "latency"> {
  const told = fresh.flatMap(({ told: { latency } }) => (latency === undefined ? [] : [latency]));
  if (told.length === 0) return {};
  const all = new Histogram();
  for (const each of told) all.merge(Histogram.fromJson(each));
  return { latency: all.toJson() };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
