/** What the page says of one run over time: timeline and decisions, seats, checkpoints, latency. */
import type { RunAnalysis } from "../analysis.ts";
import { seatStates } from "../figures/seat-heat.ts";
import { greatest } from "../figures/statistics.ts";
import type { DecisionTaken } from "../figures/timeline.ts";
import { bytes, duration, moment, number, percent, rate } from "../format.ts";
import { checkpointPlots, kindOf } from "../plots/checkpoint-plots.ts";
import { latencyCurves, latencyOverTime } from "../plots/latency-plots.ts";
import { heatColours, seatHeatPlots, shades } from "../plots/seat-heat-plot.ts";
import { rateShown, timelinePlots } from "../plots/timeline-plot.ts";
import { figure, Html, html, numeric, prose, table } from "./html.ts";

export function timelineSection({ timeline, checkpoints }: RunAnalysis): Html {
  const { decisions, stays, events, model, asked, measured } = timeline;
  const diamonds =
    measured.length > 0 ? " Diamonds are maxima of what ran, when they had been measured." : "";
  const binned =
    asked.binMs === undefined
      ? ""
      : ` Each point is the mean of ${duration(asked.binMs)}, the shade from its least to its greatest.`;
  const predicted =
    model === undefined
      ? ""
      : ` The line of ${model} is what it said the running configuration could sustain, with its interval.`;
  const shown = rateShown(timeline);
  const isBeyond = asked.bins.some(({ mean }) => mean > shown);
  const said = greatest(timeline.predicted.map(({ mst }) => mst)) ?? 0;
  const beyond = [
    isBeyond ? " What was asked beyond the frame runs along its top." : "",
    said > shown ? ` What ${model} said beyond the frame, up to ${rate(said)}, runs along its top.` : "",
  ].join("");
  return html`<h3>What happened</h3><div class="stacked">${figure(
    timelinePlots(timeline, checkpoints),
    `Rates of all sources together.${predicted}${diamonds}${beyond} Numbers mark decisions, explained below.${binned}`,
    { summary: "All events as a table", content: eventTable(events) },
  )}</div>${decisions.length > 0 && decisionTable(decisions)}${
    stays.length > 0 &&
    html`<details class="figures"><summary>Why it stayed as it was, at other times</summary>${table(
      "Reasons to stay, those that differ in figures alone taken together",
      ["from", "until", numeric("ticks"), "why"],
      stays
        .slice(0, 200)
        .map(({ fromT, untilT, ticks, because }) => [moment(fromT), moment(untilT), ticks, because]),
    )}</details>`
  }`;
}

const decisionsMost = 100;

function decisionTable(decisions: readonly DecisionTaken[]): Html {
  return table(
    decisions.length > decisionsMost
      ? `The first ${decisionsMost} of ${decisions.length} decisions; all are in decisions.jsonl`
      : "Decisions",
    [
      numeric("#"),
      "at",
      "seats",
      prose("nodes"),
      prose("why"),
      numeric("predicted"),
      prose("what came of it"),
    ],
    decisions
      .slice(0, decisionsMost)
      .map(
        ({
          number: count,
          t,
          from,
          to,
          nodes,
          because,
          predicted,
          outcome,
          outcomeBecause,
          standStillMs,
        }) => [
          count,
          moment(t),
          `${from ?? "?"} → ${to ?? "?"}`,
          nodes.join(", "),
          because,
          predicted === undefined ? undefined : rate(predicted),
          outcome === undefined
            ? "not recorded"
            : `${outcome}${outcomeBecause ? `: ${outcomeBecause}` : ""}${standStillMs === undefined ? "" : `; stood still ${duration(standStillMs)}`}`,
        ],
      ),
  );
}

function eventTable(events: RunAnalysis["timeline"]["events"]): Html {
  const most = 500;
  const rows = events.slice(0, most).map(({ t, event, text }) => [moment(t), event, text]);
  return html`${table("Events", ["at", "what", ""], rows)}${
    events.length > most && html`<p>${number(events.length - most)} more are in events.jsonl.</p>`
  }`;
}

export function seatsSection({ seats, timeline }: RunAnalysis): Html | undefined {
  if (seats.rows.length === 0) return undefined;
  return html`<h3>What the seats did</h3><div class="stacked">${figure(
    seatHeatPlots(seats, timeline.untilT),
    html`Share of wall time, mean of ${duration(seats.binMs)}, by seat (node): from 0 to 100 % ${seatStates.map(
      (state) => html`<span class="key">${legend(state)} ${state}</span>, `,
    )}grey is none of the time; where nothing is drawn the seat was not there, or had told nothing yet. A node held to a CPU quota counts as busy while it is held.`,
    {
      summary: "Means as a table",
      content: table(
        "Means over the time for which each seat was there",
        ["seat", ...seatStates.map((state) => numeric(state))],
        seats.rows.map(({ seat, means }) => [
          seat,
          ...seatStates
            .map((state) => means[state] !== undefined && percent(means[state]))
            .map((cell) => cell || undefined),
        ]),
      ),
    },
  )}</div>`;
}

function legend(state: (typeof seatStates)[number]): Html {
  const steps = Array.from({ length: 5 }, (_, index) => Math.round(((index + 1) * shades) / 5) / shades);
  return html`<span class="shades" aria-hidden="true">${steps.map((share) => html`<i style="background:${heatColours[state]};opacity:${share}"></i>`)}</span>`;
}

export function checkpointSection({ checkpoints, timeline }: RunAnalysis): Html | undefined {
  if (checkpoints.length === 0) return undefined;
  const failed = checkpoints.filter((line) => kindOf(line) === "failed");
  const most = 300;
  return html`<h3>Checkpoints</h3>${figure(
    checkpointPlots(checkpoints, timeline.untilT),
    `○ checkpoint, ◇ savepoint, × failed (${failed.length} of ${checkpoints.length}).`,
    {
      summary: "Checkpoints as a table",
      content: table(
        checkpoints.length > most
          ? `The first ${most} of ${checkpoints.length}; all are in checkpoints.jsonl`
          : "All",
        [numeric("#"), "at", "kind", "outcome", numeric("duration"), numeric("size"), numeric("alignment")],
        checkpoints
          .slice(0, most)
          .map(
            ({ checkpoint, t, startedT, kind, outcome, because, durationMs, bytes: size, alignmentMs }) => [
              checkpoint,
              moment(startedT ?? t),
              kind,
              because ? `${outcome}: ${because}` : outcome,
              durationMs === undefined ? undefined : duration(durationMs),
              size === undefined ? undefined : bytes(size),
              alignmentMs === undefined ? undefined : duration(alignmentMs),
            ],
          ),
      ),
    },
  )}`;
}

export function latencySection({ latency, timeline }: RunAnalysis): Html | undefined {
  if (!latency) return undefined;
  const { attempts, quantiles, count } = latency;
  const row = (name: string | Html, records: number, told: typeof quantiles) => [
    name,
    number(records),
    ...[told.p50, told.p90, told.p99, told.p999].map((ms) => (ms === undefined ? undefined : duration(ms))),
  ];
  const rows = attempts.map((attempt) =>
    row(
      `attempt ${attempt.attempt}${attempt.parallelism === undefined ? "" : `, seats: ${attempt.parallelism}`}`,
      attempt.count,
      attempt.quantiles,
    ),
  );
  return html`<h3>Latency</h3>${figure(
    [latencyCurves(latency), latencyOverTime(latency, timeline.untilT)],
    "Left: how long records took, from a record's due time to its result, one line for each attempt. Right: quantiles of each interval. Both scales of latency are logarithmic; quantiles are right to 1 %.",
    {
      summary: "Quantiles as a table",
      content: table(
        "Latency",
        ["", numeric("records"), numeric("median"), numeric("90 %"), numeric("99 %"), numeric("99.9 %")],
        [...rows, row(new Html("<b>whole run</b>"), count, quantiles)],
      ),
    },
  )}`;
}
