/** All figures of one or more runs: what the page draws, what `--format json` prints, what the tables export. */
import { type Latency, latencyOf } from "./figures/latency.ts";
import { type Links, linksOf } from "./figures/links.ts";
import { type GroupOutcome, groupOutcomes, outcomesOf, type RunOutcome } from "./figures/outcomes.ts";
import {
  type ErrorSummary,
  errorSummaries,
  type PredictionError,
  predictionErrors,
} from "./figures/prediction-errors.ts";
import { type RoundTrips, roundTripsOf } from "./figures/round-trips.ts";
import { type SeatHeat, seatHeat } from "./figures/seat-heat.ts";
import { storyOf } from "./figures/story.ts";
import { type Throughput, throughputOf } from "./figures/throughput.ts";
import { type Timeline, timelineOf } from "./figures/timeline.ts";
import type { CheckpointLine } from "./record/lines.ts";
import type { Run } from "./record/read-run.ts";

export type RunAnalysis = RunOutcome & {
  experiment: string;
  startedAt?: string;
  story: string[];
  /** What a reader must know before trusting a figure: links that were not as asked come first. */
  alarms: string[];
  warnings: string[];
  notEnforced: string[];
  timeline: Timeline;
  seats: SeatHeat;
  checkpoints: CheckpointLine[];
  latency?: Latency;
  roundTrips?: RoundTrips;
  links?: Links;
  manifest?: unknown;
};

export type Analysis = {
  format: 1;
  throughput: Throughput[];
  predictions: PredictionError[];
  predictionErrors: ErrorSummary[];
  /** Repeats of one condition together. */
  groups: GroupOutcome[];
  runs: RunAnalysis[];
};

export function analyse(runs: readonly Run[]): Analysis {
  const outcomes = outcomesOf(runs);
  const predictions = predictionErrors(runs);
  return {
    format: 1,
    throughput: throughputOf(runs),
    predictions,
    predictionErrors: errorSummaries(predictions),
    groups: groupOutcomes(runs),
    runs: runs.map((run, index) => runAnalysis(run, outcomes[index]!)),
  };
}

function runAnalysis(run: Run, outcome: RunOutcome): RunAnalysis {
  const timeline = timelineOf(run);
  const optional = {
    startedAt: run.manifest?.startedAt,
    latency: latencyOf(run),
    roundTrips: roundTripsOf(run),
    links: linksOf(run),
    manifest: run.parameters,
  };
  return {
    ...outcome,
    experiment: run.experiment,
    story: storyOf(run, outcome, timeline, errorSummaries(predictionErrors([run]))),
    alarms: alarmsOf(outcome, optional.links),
    warnings: warningsOf(run, optional.links),
    notEnforced: run.manifest?.notEnforced ?? [],
    timeline,
    seats: seatHeat(run),
    checkpoints: run.checkpoints,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<RunAnalysis>),
  };
}

function alarmsOf(outcome: RunOutcome, links: Links | undefined): string[] {
  const alarms: string[] = [];
  if (links?.verdict === "off") {
    const pairs = links.pairsOff > 0 ? `${links.pairsOff} of the ${links.pairsMeasured} pairs measured` : "";
    const why = [pairs, links.because].filter(Boolean).join("; ");
    alarms.push(
      `The links were not as asked when the run began (${why}): its figures are of another network.`,
    );
  } else if (!links) alarms.push("The links were not verified before this run.");
  if (outcome.outcome !== "done")
    alarms.push(
      `The run was not finished: ${outcome.outcome}${outcome.because ? `; ${outcome.because}` : ""}.`,
    );
  return alarms;
}

function warningsOf({ summary, events, unread }: Run, links: Links | undefined): string[] {
  const told = events.filter(({ event }) => event === "warning").map(({ text }) => text);
  return [...new Set([...(summary?.warnings ?? []), ...told, ...(links?.remarks ?? []), ...unread])];
}
