/** Runs beside one another: what each condition or policy cost, every repeat as a dot, and how rate and seats went. */
import * as Plot from "@observablehq/plot";
import type { RunAnalysis } from "../analysis.ts";
import type { RunFigures, RunOutcome } from "../figures/outcomes.ts";
import { median } from "../figures/statistics.ts";
import { shortened } from "../format.ts";
import { askedLook, draw, half, third, timeAxis } from "./draw.ts";
import { endLabels } from "./labels.ts";

export const comparedFigures: readonly { key: keyof RunFigures; label: string; unit?: number }[] = [
  { key: "rescales", label: "rescales" },
  { key: "backlogSeconds", label: "time under backlog (s)" },
  { key: "nodeSeconds", label: "node-seconds" },
  { key: "standStillMs", label: "standing still (s)", unit: 1000 },
  { key: "meanTaken", label: "taken on average (records/s)" },
  { key: "p99Ms", label: "latency, 99th percentile (s)", unit: 1000 },
];

/** One drawing for each figure that any of the runs has. */
export function comparisonPlots(outcomes: readonly RunOutcome[]): string[] {
  const groups = [...new Set(outcomes.map(({ group }) => group))];
  return comparedFigures.flatMap(({ key, label, unit }) => {
    const told = outcomes.flatMap(({ group, figures: { [key]: value } }) =>
      value === undefined ? [] : [{ group, value: value / (unit ?? 1) }],
    );
    if (told.length === 0) return [];
    const medians = [...Map.groupBy(told, ({ group }) => group)].map(([group, own]) => ({
      group,
      value: median(own.map(({ value }) => value))!,
    }));
    const most = Math.max(...told.map(({ value }) => value));
    return [
      draw(
        `${label}: medians ${medians.map(({ group, value }) => `${group} ${Number(value.toPrecision(3))}`).join(", ")}`,
        {
          width: third,
          height: groups.length * 26 + 66,
          marginLeft: Math.min(130, 16 + 7 * Math.max(...groups.map(({ length }) => length))),
          marginRight: 14,
          marginTop: 26,
          x: {
            label,
            labelArrow: false,
            labelAnchor: "center",
            domain: [0, most > 0 ? most * 1.05 : 1],
            ticks: 4,
            grid: true,
          },
          y: { domain: groups, label: null, tickSize: 0, tickFormat: shortened },
          marks: [
            Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
            Plot.tickX(medians, { x: "value", y: "group", stroke: "var(--ink)", strokeWidth: 2.5, inset: 4 }),
            Plot.dot(told, { x: "value", y: "group", r: 3.5, stroke: "var(--c1)", strokeWidth: 1.4 }),
          ],
        },
      ),
    ];
  });
}

/** One small drawing for each run, all with the same axes. */
export function sideBySide(runs: readonly RunAnalysis[]): string[] {
  const untilT = Math.max(...runs.map(({ timeline }) => timeline.untilT));
  const axis = timeAxis(untilT);
  const x = ({ t }: { t: number }) => axis.of(t);
  const bins = runs.flatMap(({ timeline: { asked, taken } }) => [...asked.bins, ...taken.bins]);
  const highest = Math.max(1, ...bins.map(({ mean }) => mean));
  const most = Math.max(
    1,
    ...runs.flatMap(({ timeline }) => timeline.parallelism.map((step) => step.parallelism)),
  );
  return runs.map(({ run, timeline }) => {
    const { asked, taken, parallelism } = timeline;
    const steps =
      parallelism.length > 0 ? [...parallelism, { ...parallelism.at(-1)!, t: timeline.untilT }] : [];
    // Seats fill the lower part of the frame as steps; their numbers stand where they change.
    const seatHeight = (seats: number) => (seats / most) * highest * 0.45;
    const last = (series: typeof asked) => series.bins.at(-1)?.mean;
    return draw(
      `${run}: asked and taken over time, with ${parallelism.map((step) => step.parallelism).join(", ")} seats`,
      {
        heading: run,
        width: half,
        height: 190,
        marginLeft: 52,
        marginRight: 66,
        marginBottom: 42,
        x: { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center", ticks: 6 },
        y: { label: "records/s", labelArrow: false, grid: true, domain: [0, highest * 1.08], ticks: 4 },
        marks: [
          Plot.areaY(steps, {
            x,
            y: ({ parallelism }) => seatHeight(parallelism),
            curve: "step-after",
            fill: "var(--mark)",
            fillOpacity: 0.18,
          }),
          Plot.text(parallelism, {
            x,
            y: ({ parallelism }) => seatHeight(parallelism),
            text: ({ parallelism }) => String(parallelism),
            dx: 5,
            dy: 8,
            textAnchor: "start",
            fill: "var(--mark)",
            fontSize: 11,
          }),
          Plot.lineY(asked.bins, { x, y: "mean", ...askedLook }),
          Plot.lineY(taken.bins, { x, y: "mean", stroke: "var(--ink)", strokeWidth: 1.5 }),
          endLabels(
            [
              { text: "asked", colour: "var(--muted)", y: last(asked) },
              { text: "taken", colour: "var(--ink)", y: last(taken) },
              { text: "seats", colour: "var(--mark)", y: seatHeight(parallelism.at(-1)?.parallelism ?? 0) },
            ].flatMap(({ y, ...label }) =>
              y === undefined ? [] : [{ ...label, y, x: axis.of(timeline.untilT) }],
            ),
          ),
        ],
      },
    );
  });
}
