/**
 * The autoscaler of Apache Flink's Kubernetes operator as published, for one operator: what the job is asked for over a
 * window, at a target use, plus what drains the backlog and what a restart leaves, against what a busy second carries.
 * It never asks which node: the nearest one joins.
 */
import { targetCapacity, trueProcessingRate } from "../models/flink-formulas.ts";
import type { Observation } from "../observation.ts";
import { evenSteps } from "./even-steps.ts";
import { meanOf, recent } from "./lookback.ts";
import type { Decision, Policy, PolicyInput } from "./policy.ts";

export type FlinkSettings = {
  /** After a (re)start, in which nothing is looked at. */
  readonly stabilizationMs: number;
  /** Has to be full before anything is decided. */
  readonly windowMs: number;
  readonly everyMs: number;
  readonly utilisation: number;
  readonly boundary: number;
  /** In which the backlog is to be worked off; what a restart costs is spread over it too. */
  readonly catchUpMs: number;
  readonly restartMs: number;
  /** 0.6: down to 40 % at once. */
  readonly downFactorMax: number;
  /** A step down waits so long, and takes the highest parallelism that was called for meanwhile. */
  readonly downIntervalMs: number;
  /** A backlog that holds so much keeps it from stepping down, and lets it use all there is before a step up. */
  readonly backlogMs: number;
};

/** The project's own defaults (job.autoscaler.*, version 1.15), made for jobs that run for days. */
export const flinkDefaults: FlinkSettings = {
  stabilizationMs: 300_000,
  windowMs: 900_000,
  everyMs: 60_000,
  utilisation: 0.7,
  boundary: 0.3,
  catchUpMs: 1_800_000,
  restartMs: 300_000,
  downFactorMax: 0.6,
  downIntervalMs: 3_600_000,
  backlogMs: 300_000,
};

/** Shorter times and a lower use, such as guides to the operator print for jobs whose load moves within minutes. */
export const flinkShort: FlinkSettings = {
  ...flinkDefaults,
  stabilizationMs: 60_000,
  windowMs: 300_000,
  utilisation: 0.6,
  boundary: 0.2,
  catchUpMs: 300_000,
  restartMs: 120_000,
};

/** Of one look at the job: an observation is far bigger, and a window of a quarter of an hour has hundreds. */
type Sample = { atMs: number; asked: number; lagMs: number; lagKnown: boolean; rate: number };
type Wish = { sinceMs: number; highest: number };

export function flink(settings: FlinkSettings = flinkDefaults): Policy {
  let samples: Sample[] = [];
  let startedMs = -Infinity;
  let lookedMs = -Infinity;
  let wish: Wish | undefined;
  return {
    name: "flink",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return { do: "stay", because: "nothing was seen yet" };
      const started = latest.atMs - latest.steadyMs;
      // A second's slack: both figures are measured, not counted.
      if (started > startedMs + 1000) {
        [samples, startedMs] = [[], started];
      }
      if (latest.steadyMs < settings.stabilizationMs) return { do: "stay", because: "stabilizing" };
      if (latest.atMs - lookedMs < settings.everyMs) return { do: "stay", because: "between two looks" };
      const sample = sampled(input.history, Math.min(settings.everyMs, latest.atMs - lookedMs));
      lookedMs = latest.atMs;
      if (typeof sample === "string") return { do: "stay", because: `${sample} is not known` };
      samples.push(sample);
      if (latest.atMs - samples[0]!.atMs < settings.windowMs - settings.everyMs)
        return { do: "stay", because: "the metrics window is not full" };
      samples = samples.filter(({ atMs }) => latest.atMs - atMs <= settings.windowMs);
      const [decision, next] = decide(input, samples, wish, settings);
      wish = decision.do === "rescale" ? undefined : next;
      return decision;
    },
  };
}

/** Undefined figures are named: a window never takes them for nothing. */
function sampled(history: readonly Observation[], spanMs: number): Sample | string {
  const span = recent(history, spanMs);
  const asked = meanOf(span, (observation) => observation.askedPerSecond);
  if (asked === undefined) return "what is asked";
  const rates = meanOf(span, ({ seats }) => {
    // The busiest subtask sets the load of all: the operator's default since version 1.5.
    let busiest = 0;
    let taken = 0;
    for (const { busy, recordsInPerSecond } of seats) {
      if (busy === undefined || recordsInPerSecond === undefined) return undefined;
      busiest = Math.max(busiest, busy);
      taken += recordsInPerSecond;
    }
    return trueProcessingRate(taken, busiest);
  });
  if (rates === undefined) return "how busy the subtasks are";
  const lag = meanOf(span, (observation) => observation.lagMs);
  return { atMs: history.at(-1)!.atMs, asked, lagMs: lag ?? 0, lagKnown: lag !== undefined, rate: rates };
}

function decide(
  input: PolicyInput,
  samples: readonly Sample[],
  wish: Wish | undefined,
  settings: FlinkSettings,
): [Decision, Wish | undefined] {
  const latest = input.history.at(-1)!;
  const count = latest.configuration.seats.length;
  const asked = mean(samples.map((sample) => sample.asked));
  const rate = mean(samples.map((sample) => sample.rate));
  const last = samples.at(-1)!;
  if (!last.lagKnown) return [{ do: "stay", because: "the backlog is not known" }, wish];
  const backlogRecords = (last.asked * last.lagMs) / 1000;
  const behind = last.lagMs > settings.backlogMs;
  const wanted = (utilisation: number, restart: boolean) =>
    targetCapacity({
      inputPerSecond: asked,
      backlogRecords,
      utilisation,
      catchUpMs: settings.catchUpMs,
      restartMs: restart ? settings.restartMs : 0,
    });
  const least = wanted(behind ? 1 : Math.min(1, settings.utilisation + settings.boundary), false);
  const most = behind ? Infinity : wanted(settings.utilisation - settings.boundary, true);
  const text = `${round(rate)}/s for ${round(asked)}/s asked`;
  const within: Decision | undefined =
    rate >= least && rate <= most ? { do: "stay", because: `${text}: within the target` } : undefined;
  const factor = Math.max(1 - settings.downFactorMax, wanted(settings.utilisation, true) / rate);
  const bounded = Math.max(input.bounds.min, Math.min(input.bounds.max, Math.ceil(factor * count)));
  if (bounded === count) return [within ?? { do: "stay", because: `${text}: ${count} it is` }, undefined];
  if (bounded > count) return [within ?? step(input, bounded, text), undefined];
  const waiting: Wish = wish
    ? { sinceMs: wish.sinceMs, highest: Math.max(wish.highest, bounded) }
    : { sinceMs: latest.atMs, highest: bounded };
  if (latest.atMs - waiting.sinceMs < settings.downIntervalMs)
    return [{ do: "stay", because: `${text}: a step down to ${waiting.highest} is waiting` }, waiting];
  return [within ?? step(input, waiting.highest, text), waiting];
}

function step(input: PolicyInput, parallelism: number, because: string): Decision {
  const running = input.history.at(-1)!.configuration;
  const to = evenSteps(input, running, parallelism);
  if (to.seats.length === running.seats.length)
    return { do: "stay", because: `${because}, but no node is free` };
  const predicted = input.predict(to);
  return { do: "rescale", to, because, ...(predicted && { predicted }) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number) => Math.round(value);
