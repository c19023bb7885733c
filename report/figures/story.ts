/** A run in words: what was asked, what happened, and how far predictions were from it. */
import { counted, duration, number, percent, rate } from "../format.ts";
import type { Run } from "../record/read-run.ts";
import type { RunOutcome } from "./outcomes.ts";
import type { ErrorSummary } from "./prediction-errors.ts";
import { greatest, least } from "./statistics.ts";
import type { DecisionTaken, Timeline } from "./timeline.ts";

/** Sentences; where the record is silent, nothing is said. */
export function storyOf(
  run: Run,
  outcome: RunOutcome,
  timeline: Timeline,
  errors: readonly ErrorSummary[],
): string[] {
  return [
    asked(run),
    who(run),
    taken(run, outcome),
    rescaled(outcome, timeline),
    lag(outcome),
    predicted(errors),
  ].filter((sentence) => sentence !== undefined);
}

function asked({ manifest, metrics, condition }: Run): string | undefined {
  const rates = metrics.flatMap(({ asked }) => asked ?? []);
  const [low, high] = [least(rates), greatest(rates)];
  const job = manifest?.plan?.job?.use;
  const under = condition === "" ? "" : ` under the condition ${condition}`;
  if (low === undefined || high === undefined) return job && `The job ${job} ran${under}.`;
  const range = low === high ? rate(high) : `between ${rate(low)} and ${rate(high)}`;
  return `The job${job ? ` ${job}` : ""} was asked for ${range}${under}.`;
}

function who({ manifest }: Run): string | undefined {
  const { policy, model, min, max, shares, dryRun } = manifest?.plan?.autoscaler ?? {};
  if (policy === undefined) return undefined;
  const operator = manifest?.plan?.operator;
  const bounds = min === undefined || max === undefined ? "" : `, with ${min} to ${max} seats`;
  const of = operator === undefined ? "" : ` of ${operator}`;
  const split = shares === "capacity" ? "; key groups were shared by what each node can carry" : "";
  const by = model === undefined || byNoModel.includes(policy) ? "" : ` by the model ${model}`;
  const dry = dryRun === true ? "; nothing of it was done, in a dry run" : "";
  return `The policy ${policy} decided${by}${bounds}${of}${split}${dry}.`;
}

/** Asks for more than can be carried, to find out what can: what is left over says nothing. */
const ladder = "ladder";
/** Predictions are recorded beside what these decide, and change nothing of it. */
const byNoModel = [ladder, "manual", "threshold"];

function taken(
  { metrics }: Run,
  { policy, figures: { meanTaken, meanAsked } }: RunOutcome,
): string | undefined {
  if (meanTaken === undefined) return undefined;
  const ratio = policy === ladder || !meanAsked ? undefined : meanTaken / meanAsked;
  // What is taken is known a second later than what is asked, so that of a short run it may come out as more.
  const share = ratio === undefined ? "" : `, ${ratio < 1 ? percent(ratio) : "all"} of what was asked`;
  // Not of the whole run, of which a part was not yet the job's.
  const seenMs = (metrics.at(-1)?.t ?? 0) - (metrics[0]?.t ?? 0);
  const time = seenMs > 0 ? ` over ${duration(seenMs)}` : "";
  return `It took ${rate(meanTaken)} on average${time}${share}.`;
}

function rescaled({ figures }: RunOutcome, { decisions, parallelism }: Timeline): string | undefined {
  const [first, last] = [parallelism[0]?.parallelism, parallelism.at(-1)?.parallelism];
  if (first === undefined || last === undefined) return undefined;
  const bad = decisions.filter(({ outcome }) => outcome === "returned" || outcome === "failed");
  const failed = bad.length > 0 ? ` ${counted(bad.length, "rescale")} did not succeed: ${reasons(bad)}.` : "";
  if ((figures.rescales ?? 0) === 0) {
    const stayed =
      first === last ? `It stayed at ${counted(first, "seat")}.` : `It went from ${first} to ${last} seats.`;
    return `${stayed}${failed}`;
  }
  const still = figures.standStillMs
    ? `, for which it stood still ${duration(figures.standStillMs)} in all`
    : "";
  return `${counted(figures.rescales ?? 0, "rescale")} took it from ${counted(first, "seat")} to ${last}${still}.${failed}`;
}

const reasonsMost = 3;

function reasons(all: readonly DecisionTaken[]): string {
  const told = all.slice(0, reasonsMost).map(({ number: count, outcome, outcomeBecause }) => {
    return `decision ${count} ${outcome}${outcomeBecause ? ` (${outcomeBecause})` : ""}`;
  });
  return [...told, ...(all.length > reasonsMost ? ["and others"] : [])].join("; ");
}

function lag({ policy, figures: { backlogSeconds, p50Ms, p99Ms } }: RunOutcome): string | undefined {
  const backlog =
    backlogSeconds === undefined || policy === ladder
      ? undefined
      : backlogSeconds === 0
        ? "There was no backlog"
        : `There was a backlog for ${number(backlogSeconds)} s`;
  const latency =
    p50Ms === undefined || p99Ms === undefined
      ? undefined
      : `half of the records took less than ${duration(p50Ms)}, 99 % less than ${duration(p99Ms)}`;
  const both = [backlog, latency].filter((each) => each !== undefined).join("; ");
  return both === "" ? undefined : `${both[0]!.toUpperCase()}${both.slice(1)}.`;
}

function predicted(errors: readonly ErrorSummary[]): string | undefined {
  const overall = errors.filter(({ group }) => group === undefined);
  const [best] = overall;
  if (!best) return undefined;
  const said = overall.map(({ model, median }) => `${model} ${percent(median)}`).join(", ");
  const count = counted(Math.max(...overall.map((each) => each.count)), "configuration");
  return `Of ${count} the maximum was measured after the models had predicted it; median errors: ${said}.`;
}
