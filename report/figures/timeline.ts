/** A run as it went: what was asked and taken, with how many seats, what was decided and why, and what else happened. */
import type { EventLine } from "../record/lines.ts";
import type { Run } from "../record/read-run.ts";
import { envelope, type Series } from "./envelope.ts";

export type DecisionTaken = {
  /** Counted from 1, as the figure marks them. */
  number: number;
  t: number;
  from?: number;
  to?: number;
  nodes: string[];
  because: string;
  predicted?: number;
  /** `done`, `returned`, `failed`; undefined where the record ends before that. */
  outcome?: string;
  outcomeBecause?: string;
  standStillMs?: number;
};

/** Reasons to stay that differ in nothing but their figures, one after the other. */
export type Stay = { fromT: number; untilT: number; ticks: number; because: string };

export type Timeline = {
  untilT: number;
  asked: Series;
  taken: Series;
  lagMs: Series;
  sourceBackpressured: Series;
  /** Where it changed. */
  parallelism: { t: number; parallelism: number }[];
  /** What the experiment's model said of the configuration that ran. */
  model?: string;
  predicted: { t: number; mst: number; low?: number; high?: number }[];
  /** Maxima of what ran, when they had been measured. */
  measured: { t: number; mst: number; low: number; high: number }[];
  decisions: DecisionTaken[];
  stays: Stay[];
  events: EventLine[];
};

/** A point for every second of ten minutes is what the figures' width can show. */
const binsMost = 400;

export function timelineOf(run: Run): Timeline {
  const { metrics } = run;
  const model = modelOf(run);
  const series = (value: (line: Run["metrics"][number]) => number | undefined) =>
    envelope(
      metrics.map((line) => ({ t: line.t, value: value(line) })),
      binsMost,
    );
  return {
    untilT: Math.max(
      1,
      ...[metrics, run.ticks, run.events, run.checkpoints].map((all) => all.at(-1)?.t ?? 0),
    ),
    asked: series(({ asked }) => asked),
    taken: series(({ taken }) => taken),
    lagMs: series(({ lagMs }) => lagMs),
    sourceBackpressured: series(({ sourceBackpressured }) => sourceBackpressured),
    parallelism: changes(run),
    ...(model === undefined ? {} : { model }),
    predicted: predictedOf(run, model),
    measured: run.msts.map(({ t, mst, low, high }) => ({ t, mst, low: low ?? mst, high: high ?? mst })),
    decisions: decisionsOf(run),
    stays: staysOf(run),
    events: run.events,
  };
}

/** The one that the policy goes by; where the manifest is lost, the only one that predicted. */
function modelOf({ manifest, ticks }: Run): string | undefined {
  const models = new Set(ticks.flatMap(({ predictions }) => Object.keys(predictions)));
  const planned = manifest?.plan?.autoscaler?.model;
  if (planned !== undefined && models.has(planned)) return planned;
  return models.size === 1 ? [...models][0] : undefined;
}

function changes({ metrics }: Run): Timeline["parallelism"] {
  const steps: Timeline["parallelism"] = [];
  for (const { t, parallelism } of metrics)
    if (parallelism !== undefined && parallelism !== steps.at(-1)?.parallelism)
      steps.push({ t, parallelism });
  return steps;
}

function predictedOf({ ticks }: Run, model: string | undefined): Timeline["predicted"] {
  if (model === undefined) return [];
  const all = ticks.flatMap(({ t, predictions }) => {
    const told = predictions[model];
    if (!told) return [];
    const { mst, low, high } = told;
    return [{ t, mst, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) }];
  });
  const every = Math.ceil(all.length / binsMost);
  return every > 1 ? all.filter((_, index) => index % every === 0) : all;
}

export function decisionsOf({ ticks, outcomes }: Run): DecisionTaken[] {
  const taken = ticks.filter(({ decision }) => decision !== undefined && decision.do !== "stay");
  return taken.map(({ t, configuration, decision }, index): DecisionTaken => {
    const next = taken[index + 1]?.t ?? Number.POSITIVE_INFINITY;
    const outcome = outcomes.find((each) => each.t >= t && each.t < next);
    const optional = {
      from: configuration?.seats.length,
      to: decision?.to?.seats.length,
      predicted: decision?.predicted?.mst,
      outcome: outcome?.outcome,
      outcomeBecause: outcome?.because,
      standStillMs: outcome?.standStillMs,
    };
    return {
      number: index + 1,
      t,
      nodes: decision?.to?.seats.map(({ node }) => node) ?? [],
      because: decision?.because ?? "no reason was recorded",
      ...(Object.fromEntries(
        Object.entries(optional).filter(([, value]) => value !== undefined),
      ) as Partial<DecisionTaken>),
    };
  });
}

function staysOf({ ticks }: Run): Stay[] {
  const stays: Stay[] = [];
  let shape: string | undefined;
  for (const { t, decision } of ticks) {
    if (decision?.do !== "stay" || decision.because === undefined) {
      if (decision) shape = undefined;
      continue;
    }
    const own = decision.because.replace(/\d[\d.,]*/g, "#");
    const last = stays.at(-1);
    if (last && own === shape) Object.assign(last, { untilT: t, ticks: last.ticks + 1 });
    else stays.push({ fromT: t, untilT: t, ticks: 1, because: decision.because });
    shape = own;
  }
  return stays;
}
