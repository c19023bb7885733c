/** A run over time, panels that share one axis: rates with decisions, parallelism, lag, backpressure, and what else happened. */
import * as Plot from "@observablehq/plot";
import type { Series } from "../figures/envelope.ts";
import { greatest } from "../figures/statistics.ts";
import type { Timeline } from "../figures/timeline.ts";
import type { CheckpointLine } from "../record/lines.ts";
import { askedLook, draw, ownMark, type TimeAxis, timeAxis, timeMargins } from "./draw.ts";
import { endLabels } from "./labels.ts";
import { lanesPlot } from "./lanes-plot.ts";
import { lookOf } from "./models.ts";

/** Drawings to be set one under the other; those of which nothing was recorded are left out. */
export function timelinePlots(timeline: Timeline, checkpoints: readonly CheckpointLine[]): string[] {
  const axis = timeAxis(timeline.untilT);
  return [
    ratePanel(timeline, axis),
    parallelismPanel(timeline, axis),
    seriesPanel(
      timeline.lagMs,
      axis,
      "lag (s)",
      "How long the sources' next record has been due",
      (ms) => ms / 1000,
    ),
    seriesPanel(
      timeline.sourceBackpressured,
      axis,
      "sources held up (%)",
      "Time for which sources were held up",
      (share) => share * 100,
      [0, 100],
    ),
    lanesPlot(timeline, checkpoints, axis),
  ].filter((panel) => panel !== undefined);
}

const noTicks = { axis: null } as const;

function ratePanel(timeline: Timeline, axis: TimeAxis): string | undefined {
  const { asked, taken, predicted, measured, model, decisions } = timeline;
  if (asked.bins.length === 0 && taken.bins.length === 0) return undefined;
  const colour = lookOf(model ?? "").colour;
  const bounds = predicted.filter(({ low, high }) => low !== undefined && high !== undefined);
  const shown = rateShown(timeline);
  const capped = (value: number) => Math.min(value, shown);
  const labels = [
    { text: "asked", colour: "var(--muted)", bin: asked.bins.at(-1) },
    { text: "taken", colour: "var(--ink)", bin: taken.bins.at(-1) },
  ].flatMap(({ bin, ...label }) => (bin ? [{ ...label, y: capped(bin.mean) }] : []));
  const said = predicted.at(-1);
  if (said && model !== undefined) labels.push({ text: `${model} says`, colour, y: capped(said.mst) });
  const x = (each: { t: number }) => axis.of(each.t);
  return draw(
    "Rates over time: asked, taken, and what the model says can be sustained; decisions are numbered",
    {
      ...timeMargins,
      height: 250,
      marginTop: 40,
      marginBottom: 8,
      x: { domain: axis.domain, ...noTicks },
      y: { label: "records/s", labelArrow: false, grid: true, domain: [0, shown], ticks: 5 },
      marks: [
        Plot.areaY(bounds, {
          x,
          y1: (each) => capped(each.low),
          y2: (each) => capped(each.high),
          fill: colour,
          fillOpacity: 0.14,
          curve: "step-after",
        }),
        Plot.lineY(predicted, {
          x,
          y: (each) => capped(each.mst),
          stroke: colour,
          strokeWidth: 1.5,
          curve: "step-after",
        }),
        Plot.lineY(asked.bins, { x, y: ({ mean }) => capped(mean), ...askedLook }),
        ...envelopeMarks(taken, axis, "var(--ink)", (value) => value),
        Plot.ruleX(measured, { x, y1: "low", y2: "high", stroke: "var(--c4)", strokeWidth: 2 }),
        Plot.dot(measured, {
          x,
          y: "mst",
          symbol: "diamond",
          r: 5,
          fill: "var(--c4)",
          stroke: "var(--page)",
        }),
        decisionMarks(decisions, axis),
        endLabels(labels),
      ],
    },
  );
}

/**
 * The top of the axis of rates. What is asked to saturate a job, or promised by a model gone astray, may be far beyond what
 * was ever taken, and would flatten it: such lines run along the top.
 */
export function rateShown({ asked, taken, measured, predicted }: Timeline): number {
  const highest = (bins: readonly { high: number }[]) => greatest(bins.map(({ high }) => high)) ?? 0;
  const told = Math.max(highest(taken.bins), highest(measured)) || highest(asked.bins);
  const wished = Math.max(
    highest(asked.bins),
    highest(predicted.map(({ mst, high }) => ({ high: high ?? mst }))),
  );
  return Math.max(told, Math.min(wished, told * 2.5)) * 1.05;
}

function parallelismPanel({ parallelism, decisions, untilT }: Timeline, axis: TimeAxis): string | undefined {
  if (parallelism.length === 0) return undefined;
  const most = Math.max(...parallelism.map((step) => step.parallelism));
  const steps = [...parallelism, { ...parallelism.at(-1)!, t: untilT }];
  return draw(`Parallelism over time: ${parallelism.map((step) => step.parallelism).join(", then ")} seats`, {
    ...timeMargins,
    height: 92,
    marginBottom: 8,
    x: { domain: axis.domain, ...noTicks },
    y: {
      label: "seats",
      labelArrow: false,
      grid: true,
      domain: [0, most + 0.5],
      ticks: most <= 3 ? [0, 1, 2, 3].slice(0, most + 1) : [0, Math.round(most / 2), most],
      tickFormat: "d",
    },
    marks: [
      decisionRules(decisions, axis),
      Plot.lineY(steps, {
        x: (step) => axis.of(step.t),
        y: "parallelism",
        curve: "step-after",
        stroke: "var(--ink)",
        strokeWidth: 2,
      }),
    ],
  });
}

function seriesPanel(
  series: Series,
  axis: TimeAxis,
  label: string,
  description: string,
  of: (value: number) => number,
  domain?: [number, number],
): string | undefined {
  if (series.bins.length === 0) return undefined;
  const highest = Math.max(...series.bins.map(({ high }) => of(high)));
  return draw(`${description}; at most ${highest.toPrecision(3)} (${label})`, {
    ...timeMargins,
    height: 92,
    marginBottom: 8,
    x: { domain: axis.domain, ...noTicks },
    y: { label, labelArrow: false, grid: true, ticks: 3, domain: domain ?? [0, Math.max(highest, 0.1)] },
    marks: envelopeMarks(series, axis, "var(--ink)", of),
  });
}

function envelopeMarks(
  series: Series,
  axis: TimeAxis,
  colour: string,
  of: (value: number) => number,
): Plot.Markish[] {
  const x = (bin: { t: number }) => axis.of(bin.t);
  const line = Plot.lineY(series.bins, { x, y: ({ mean }) => of(mean), stroke: colour, strokeWidth: 1.6 });
  if (series.binMs === undefined) return [line];
  const area = { x, y1: ({ low }: { low: number }) => of(low), y2: ({ high }: { high: number }) => of(high) };
  return [Plot.areaY(series.bins, { ...area, fill: colour, fillOpacity: 0.2 }), line];
}

function decisionRules(decisions: Timeline["decisions"], axis: TimeAxis): Plot.Markish {
  return Plot.ruleX(decisions, { x: ({ t }) => axis.of(t), stroke: "var(--mark)", strokeOpacity: 0.6 });
}

const badgeRadius = 8.5;

function decisionMarks(decisions: Timeline["decisions"], axis: TimeAxis): Plot.Markish {
  return ownMark(({ x, top, bottom, element }) => {
    let lastBadge = Number.NEGATIVE_INFINITY;
    return decisions.flatMap(({ t, number }) => {
      const at = x(axis.of(t));
      // Decisions close together would cover one another's numbers; their rules still stand.
      const hasBadge = at - lastBadge >= 2 * badgeRadius + 1;
      const look = { stroke: "var(--mark)", "stroke-opacity": hasBadge ? 1 : 0.4 };
      const rule = element("line", { x1: at, x2: at, y1: top - (hasBadge ? 8 : 0), y2: bottom, ...look });
      if (!hasBadge) return [rule];
      lastBadge = at;
      const place = { x: at, y: top - 16, dy: "0.34em", "text-anchor": "middle" };
      const font = { fill: "var(--page)", "font-weight": 600, "font-size": number > 99 ? 8 : 11 };
      return [
        rule,
        element("circle", { cx: at, cy: top - 16, r: badgeRadius, fill: "var(--mark)" }),
        element("text", { ...place, ...font }, String(number)),
      ];
    });
  });
}
