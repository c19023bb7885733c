/** What our policy makes of the last observations before it looks for anything better: is the job short, of how much, and why. */
import type { Prediction } from "../models/model.ts";
import { type Demand, expectedWithin } from "./demand.ts";
import { failedLately } from "./failed-lately.ts";
import { meanOf, recent } from "./lookback.ts";
import type { Outcome, PolicyInput } from "./policy.ts";
import { expectedStandStill, type StandStill } from "./rescale-cost.ts";
import type { RooflineSettings } from "./roofline-settings.ts";

export type Situation = {
  readonly demand: Demand;
  readonly standStill: StandStill;
  /** What is expected within the time that a rescale up is to last for, and within that for one down. */
  readonly need: number;
  readonly needLater: number;
  /** What a new configuration should carry: the need of twice as long a time, and what works off the backlog and what the rescale adds to it. */
  readonly wanted: number;
  readonly catchUpPerSecond: number;
  /** Records that are due and not taken. */
  readonly backlog: number;
  /**
   * What truth was against what the model says of what runs, where it showed less; 1 where nothing contradicts it. Never
   * above 1: that what runs does better than the model thought is no reason to expect it of other nodes.
   */
  readonly factor: number;
  /** What runs can carry. */
  readonly carries: number;
  /** Why more is needed; undefined when it is not. */
  readonly short?: string;
  /** The job itself shows that it is short; else only the model says so. */
  readonly stuck: boolean;
  readonly heldUp: boolean;
  readonly behind: boolean;
  /** Since the last rescale, or the start. */
  readonly settledMs: number;
  /** Names of configurations. */
  readonly failedLately: ReadonlyMap<string, number>;
};

/** A source that is held up for less of the time is merely busy. */
const heldUpMin = 0.5;
/** Records that are due for longer are a backlog. */
const behindMs = 1_500;
/** What is taken in has to be so much more than what comes in for a backlog to count as shrinking. */
const shrinking = 1.03;

/** A text: why nothing can be decided now. `peak`: the most that was asked within the time that is remembered. */
export function situationOf(
  input: PolicyInput,
  demand: Demand,
  peak: number,
  now: Prediction | undefined,
  settings: RooflineSettings,
): Situation | string {
  const latest = input.history.at(-1)!;
  const settledMs = latest.atMs - (input.outcomes.at(-1)?.atMs ?? latest.atMs - latest.steadyMs);
  const pauseMs = settings.pauseMs * 2 ** unrest(input, settings.horizonMs);
  if (input.outcomes.length > 0 && settledMs < pauseMs)
    return `the last rescale is ${seconds(settledMs)} ago, the next one may be ${seconds(pauseMs)} after it`;
  const lately = recent(input.history, settings.heldUpMs);
  const held = meanOf(lately, (observation) => observation.sourceBackpressured);
  const taken = meanOf(lately, (observation) => observation.takenPerSecond);
  const lags = lately.flatMap(({ lagMs }) => (lagMs !== undefined && Number.isFinite(lagMs) ? [lagMs] : []));
  const lag = lags.at(-1);
  if (held === undefined && lag === undefined) return "whether the source is held up is not known";
  const heldUp = held !== undefined && held > heldUpMin;
  const behind = lag !== undefined && lag > behindMs;
  const standStill = expectedStandStill(latest, input.outcomes, input.world, input.network);
  // Saturated, the job shows what it carries; a model that says otherwise is corrected by it for this decision.
  // One that works off a backlog faster than it grows shows it too, but is not short.
  const growing = lag !== undefined && lag > lags[0]!;
  const saturated = heldUp && behind && growing && taken !== undefined;
  const factor = now === undefined ? 1 : correction(now, taken, saturated);
  const carries = now === undefined ? (taken ?? demand.now) : now.mst * factor;
  const need = expectedWithin(demand, standStill.ms + settings.aheadMs);
  const backlog = ((lag ?? 0) / 1000) * demand.now;
  const catchUpPerSecond = (demand.now * standStill.ms) / settings.catchUpMs;
  const stuck = saturated && taken < shrinking * demand.now;
  const situation = {
    stuck,
    demand,
    standStill,
    need,
    needLater: Math.max(peak, expectedWithin(demand, 2 * settings.aheadMs)),
    wanted:
      expectedWithin(demand, standStill.ms + 2 * settings.aheadMs) +
      catchUpPerSecond +
      (1000 * backlog) / settings.catchUpMs,
    catchUpPerSecond,
    backlog,
    factor: Math.min(1, factor),
    carries,
    heldUp,
    behind,
    settledMs,
    failedLately: failedLately(input.outcomes, latest.atMs),
  };
  const text = `${Math.round(carries)}/s for ${Math.round(need)}/s`;
  if (stuck) return { ...situation, short: `the source is held up and falls behind: ${text}` };
  // What takes more than a model thinks possible shows that the model is wrong, not that the job is short.
  const refuted = now !== undefined && taken !== undefined && taken > now.high && !heldUp && !behind;
  if (now !== undefined && carries < need && !refuted) {
    const rising = demand.slope > 0 ? " and rising" : "";
    return { ...situation, short: `${text} expected${rising}` };
  }
  return situation;
}

function correction(now: Prediction, taken: number | undefined, saturated: boolean): number {
  if (taken === undefined || !(now.mst > 0)) return 1;
  if (saturated && taken < now.low) return Math.max(0.25, taken / now.mst);
  return taken > now.high ? Math.min(2, taken / now.mst) : 1;
}

/** How often nodes had to come back soon after others had left: outcomes tell. */
export function regrets(outcomes: readonly Outcome[], withinMs: number): number {
  let [count, leftMs] = [0, -Infinity];
  for (const { is, from, to, atMs } of outcomes) {
    if (is !== "done") continue;
    if (to.seats.length < from.seats.length) leftMs = atMs;
    else if (to.seats.length > from.seats.length && atMs - leftMs <= withinMs) {
      count++;
      leftMs = -Infinity;
    }
  }
  return count;
}

/** How much calmer to become: two steps up are a load that grows, more of them, or anything else, may be swinging. */
function unrest({ outcomes, history }: PolicyInput, spanMs: number): number {
  const fromMs = history.at(-1)!.atMs - spanMs;
  const lately = outcomes.filter(({ atMs }) => atMs >= fromMs);
  const ups = lately.filter(
    ({ is, from, to }) => is === "done" && to.seats.length > from.seats.length,
  ).length;
  return Math.max(0, ups - 2) + (lately.length - ups);
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
