/**
 * Our policy. It asks a model what the job sustains and what other nodes would make of it, and how much will be asked by
 * the time a rescale has paid for itself. It goes to the fewest of the strongest nodes that carry that, in one step where
 * the model is sure, and says no, with the reason, where a rescale costs more than it brings or brings nothing.
 *
 * A third choice, to send a part of the records elsewhere for a while (burst), belongs where `up` has its candidate: it
 * has a gain and a cost in records like a rescale has, and the greater difference wins.
 */
import type { Prediction } from "../models/model.ts";
import { type Candidate, CandidateSearch } from "./candidate-search.ts";
import { demandOf, expectedWithin } from "./demand.ts";
import { evenSteps } from "./even-steps.ts";
import { PeakMemory } from "./peak-memory.ts";
import type { Decision, Policy, PolicyInput } from "./policy.ts";
import { withoutLost } from "./replacing-lost.ts";
import { type RooflineSettings, rooflineDefaults } from "./roofline-settings.ts";
import { nameOf, newSeats, nodesOf } from "./seats.ts";
import { regrets, type Situation, situationOf } from "./situation.ts";

export function roofline(settings: RooflineSettings = rooflineDefaults): Policy {
  const peaks = new PeakMemory(settings.peakMostMs);
  let shortSinceMs: number | undefined;
  let lookedDownMs = -Infinity;
  return {
    name: "roofline",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return stay("nothing was seen yet");
      const { atMs } = latest;
      const usable = new Set(input.world.nodes.map(({ name }) => name));
      const lost = latest.configuration.seats.filter(({ node }) => !usable.has(node));
      if (lost.length > 0) return replace(input, settings, lost.map(({ node }) => node).join(", "));
      const demand = demandOf(input.history, settings);
      if (demand === undefined) return stay("what is asked of the job is not known");
      peaks.add(atMs, demand.now);
      const memoryMs = settings.peakMs * 2 ** regrets(input.outcomes, settings.regretMs);
      const peak = peaks.within(atMs, Math.min(settings.peakMostMs, memoryMs));
      const now = input.predict(latest.configuration);
      const situation = situationOf(input, demand, peak, now, settings);
      if (typeof situation === "string") return stay(situation);
      if (now === undefined) return unpredicted(input, situation);
      if (situation.short === undefined) {
        shortSinceMs = undefined;
        if (atMs - lookedDownMs < settings.downEveryMs) return stay(fine(situation));
        lookedDownMs = atMs;
        return down(input, situation, settings);
      }
      shortSinceMs ??= atMs;
      if (!situation.stuck && atMs - shortSinceMs < settings.believeMs)
        return stay(`${situation.short}; it has to stay so for ${settings.believeMs / 1000} s`);
      return up(input, situation, now, settings);
    },
  };
}

const fine = (situation: Situation) =>
  `${round(situation.carries)}/s for ${round(situation.need)}/s expected`;

/** Nodes that hold seats are gone: the job stands still until it runs elsewhere, so nothing is weighed. */
function replace(input: PolicyInput, settings: RooflineSettings, gone: string): Decision {
  const latest = input.history.at(-1)!;
  const demand = demandOf(input.history, settings);
  const need = (demand && expectedWithin(demand, settings.aheadMs)) ?? 0;
  const search = new CandidateSearch(input, settings.shares, need);
  const enough = search.fewest((candidate) => carriesSurely(candidate.predicted, need, settings));
  const found = demand === undefined ? undefined : (enough ?? search.best());
  const to = found?.configuration ?? withoutLost(input, latest.configuration);
  if (to === undefined) return stay(`${gone}: lost, and no node is left to go to`);
  return rescale(to, `${gone}: lost; now on ${nodesOf(to)}`, found?.predicted);
}

/** No prediction at all: one node more when the source is plainly held up, as there is nothing to be clever with. */
function unpredicted(input: PolicyInput, situation: Situation): Decision {
  if (!situation.heldUp) return stay("the model has not seen enough, and the source is not held up");
  const running = input.history.at(-1)!.configuration;
  const to = evenSteps(input, running, Math.min(input.bounds.max, running.seats.length + 1));
  if (to.seats.length <= running.seats.length) return stay("the source is held up, but no node is free");
  return rescale(to, "the source is held up and the model has not seen enough: one more", undefined);
}

function up(input: PolicyInput, situation: Situation, now: Prediction, settings: RooflineSettings): Decision {
  const running = input.history.at(-1)!.configuration;
  const { need, short } = situation;
  const wanted = situation.wanted + settings.upMargin * need;
  const search = new CandidateSearch(input, settings.shares, need);
  const limit = sure(now, settings) ? search.most : Math.ceil(1.5 * running.seats.length);
  const blocked = (candidate: Candidate) => situation.failedLately.has(nameOf(candidate.configuration));
  const to = Math.max(search.least, Math.min(search.most, Math.max(limit, running.seats.length + 1)));
  const found =
    search.fewest(
      (candidate) =>
        candidate.predicted.mst * situation.factor >= wanted &&
        carriesSurely(scaled(candidate.predicted, situation.factor), need, settings) &&
        !blocked(candidate),
      search.least,
      to,
    ) ?? search.best(search.least, to);
  if (found === undefined) return stay(`${short}, and the model cannot say what would help`);
  if (blocked(found)) return stay(`${short}; ${nodesOf(found.configuration)} failed lately`);
  const then = found.predicted.mst * situation.factor;
  if (then < situation.carries * (1 + settings.leastGain)) {
    const binds = found.predicted.binds ? `: tightest would be ${found.predicted.binds.text}` : "";
    return stay(`${short}, but no other nodes carry more (${round(then)}/s at best)${binds}`);
  }
  const seconds = (settings.horizonMs - situation.standStill.ms) / 1000;
  const workedOff = Math.min(situation.backlog, Math.max(0, then - need) * seconds);
  const gain = (Math.min(then, need) - Math.min(situation.carries, need)) * seconds + workedOff;
  const cost = (situation.demand.now * situation.standStill.ms) / 1000;
  if (gain <= cost) {
    const sums = `brings ${round(gain)} records in ${settings.horizonMs / 1000} s and costs ${round(cost)}`;
    return stay(
      `${short}, but a rescale to ${nodesOf(found.configuration)} ${sums} (${situation.standStill.because})`,
    );
  }
  const joining = newSeats(running, found.configuration);
  const what =
    joining.length > 0 ? `${joining.join(", ")} join` : `${nodesOf(found.configuration)} with other shares`;
  return rescale(found.configuration, `${short}: ${what}, for ${round(then)}/s`, found.predicted);
}

function down(input: PolicyInput, situation: Situation, settings: RooflineSettings): Decision {
  const running = input.history.at(-1)!.configuration;
  const count = running.seats.length;
  const enough = fine(situation);
  if (count <= Math.max(1, input.bounds.min)) return stay(`${enough}, and no fewer nodes may run`);
  if (situation.settledMs < settings.downAfterMs)
    return stay(`${enough}; nothing is taken away within ${settings.downAfterMs / 1000} s of a rescale`);
  if (situation.behind) return stay(`${enough}; there is a backlog to work off`);
  // Whatever the peak still allows would not be the last step down: one later is better than two.
  if (situation.demand.now < settings.nearPeak * situation.needLater)
    return stay(`${enough}; ${round(situation.needLater)}/s were asked not long ago, or will be soon`);
  const need = situation.needLater * (1 + settings.downMargin) + situation.catchUpPerSecond;
  const search = new CandidateSearch(input, settings.shares, need);
  const most = Math.min(search.most, count - Math.max(1, Math.ceil(settings.downLeast * count)));
  const found = search.fewest(
    (candidate) =>
      situation.factor * candidate.predicted.low >= need &&
      !situation.failedLately.has(nameOf(candidate.configuration)),
    search.least,
    most,
  );
  if (found === undefined) return stay(`${enough}; fewer nodes would not surely carry ${round(need)}/s`);
  const saved = count - found.configuration.seats.length;
  const nodeSeconds = (saved * settings.horizonMs) / 1000;
  const standing = (count * situation.standStill.ms) / 1000;
  if (nodeSeconds <= standing) return stay(`${enough}; ${saved} less would not save what a rescale costs`);
  const because = `${enough}: ${nodesOf(found.configuration)} surely carry ${round(need)}/s`;
  return rescale(found.configuration, because, found.predicted);
}

/** The low end counts where the model knows what it says; where it does not, its best guess has to do. */
function carriesSurely(predicted: Prediction, need: number, settings: RooflineSettings): boolean {
  return (sure(predicted, settings) ? predicted.low : predicted.mst) >= need;
}

function sure({ mst, low, high }: Prediction, settings: RooflineSettings): boolean {
  return high - low <= settings.sureWithin * mst;
}

function scaled(predicted: Prediction, factor: number): Prediction {
  const { mst, low, high } = predicted;
  return { ...predicted, mst: mst * factor, low: low * factor, high: high * factor };
}

function rescale(
  to: Candidate["configuration"],
  because: string,
  predicted: Prediction | undefined,
): Decision {
  return { do: "rescale", to, because, ...(predicted && { predicted }) };
}

const stay = (because: string): Decision => ({ do: "stay", because });
const round = (value: number) => Math.round(value);
