/** What the page says of all its runs together: throughput, predictions, and runs beside one another. */
import type { Analysis } from "../analysis.ts";
import type { GroupOutcome } from "../figures/outcomes.ts";
import type { Spread } from "../figures/statistics.ts";
import type { ThroughputPoint } from "../figures/throughput.ts";
import { counted, number, percent, signedPercent } from "../format.ts";
import { comparedFigures, comparisonPlots, sideBySide } from "../plots/comparison-plots.ts";
import { errorPlot } from "../plots/error-plot.ts";
import { throughputPlot } from "../plots/throughput-plot.ts";
import { figure, type Html, html, numeric, table } from "./html.ts";

/** `trusted` is the model that the policies went by. */
export function throughputSection({ throughput }: Analysis, trusted: string | undefined): Html | undefined {
  if (throughput.length === 0) return undefined;
  const models = [
    ...new Set(
      throughput.flatMap(({ points }) =>
        points.flatMap(({ predictions }) => predictions.map(({ model }) => model)),
      ),
    ),
  ];
  const repeats = Math.max(
    ...throughput.flatMap(({ points }) => points.map((point) => point.repeats.length)),
  );
  const band =
    trusted !== undefined && models.includes(trusted)
      ? ` The band is what ${trusted} held for likely (90 %).`
      : "";
  const several =
    repeats > 1
      ? ` Points are the medians of ${repeats} repeats; bars reach from the lowest to the highest end of their intervals.`
      : " Bars are the measurements' intervals.";
  const rows = throughput.flatMap(({ group, points }) =>
    points.map((point, index) => throughputRow(group, point, points[index - 1], models)),
  );
  return html`<section><h2 id="throughput">Throughput by parallelism</h2>${figure(
    throughput.map((one) => throughputPlot(one, throughput, trusted)),
    html`Highest rate that each configuration held without backpressure at the sources, and what each model had predicted before anything of that configuration was seen.${several}${band}`,
    {
      summary: "These figures as a table",
      content: table(
        "Throughput sustained, records/s",
        [
          "condition",
          numeric("seats"),
          "nodes (shares)",
          numeric("measured"),
          numeric("interval"),
          numeric("gain"),
          ...models.map(numeric),
          "held for tightest",
        ],
        rows,
      ),
    },
  )}</section>`;
}

function throughputRow(
  group: string,
  point: ThroughputPoint,
  before: ThroughputPoint | undefined,
  models: readonly string[],
) {
  const { parallelism, nodes, shares, mst, low, high, predictions } = point;
  const isEven = shares.every((share) => Math.abs(share - 1 / shares.length) < 0.005 || Number.isNaN(share));
  const seats = isEven
    ? nodes.join(", ")
    : nodes.map((node, index) => `${node} (${percent(shares[index]!)})`).join(", ");
  return [
    group,
    parallelism,
    seats,
    number(mst),
    `${number(low)}–${number(high)}`,
    before && signedPercent((mst - before.mst) / before.mst),
    ...models.map((model) => {
      const told = predictions.find((each) => each.model === model);
      return told && `${number(told.mst)} (${signedPercent((told.mst - mst) / mst)})`;
    }),
    predictions.find(({ binds }) => binds !== undefined)?.binds,
  ];
}

export function errorSection({ predictions, predictionErrors }: Analysis): Html | undefined {
  if (predictions.length === 0) return undefined;
  const rows = predictionErrors.map(({ model, group, count, median, p95, worst, bias, inside }) => [
    group === undefined ? html`<b>${model}</b>` : "",
    group ?? html`<b>all</b>`,
    count,
    percent(median),
    percent(p95),
    percent(worst),
    signedPercent(bias),
    inside === undefined ? undefined : percent(inside),
  ]);
  return html`<section><h2 id="errors">How good the predictions were</h2>${table(
    "Errors of predictions made before they were measured",
    [
      "model",
      "condition",
      numeric("count"),
      numeric("median"),
      numeric("95th percentile"),
      numeric("worst"),
      numeric("bias"),
      numeric("in its interval"),
    ],
    rows,
  )}<p class="about">Error: |predicted − measured| / measured. Of few predictions the 95th percentile is the worst one. Bias: the mean with signs, above 0 where too much was promised. In its interval: how often the measured value lay where the model had said; 90 % is what intervals promise.</p>${figure(
    [errorPlot(predictions, predictionErrors)],
    "Each sign is one prediction; the grey band is ±5 %.",
  )}</section>`;
}

/** Undefined for a single run. */
export function comparisonSection(analysis: Analysis): Html | undefined {
  const { runs, groups } = analysis;
  if (runs.length < 2) return undefined;
  const columns = comparedFigures.filter(({ key }) => groups.some(({ figures }) => figures[key]));
  const cell = (spread: Spread | undefined, unit = 1) =>
    spread &&
    (spread.count === 1 || spread.low === spread.high
      ? number(spread.median / unit)
      : `${number(spread.median / unit)} (${number(spread.low / unit)}–${number(spread.high / unit)})`);
  const rows = groups.map(({ group, policy, runs: count, figures }: GroupOutcome) => [
    group,
    policy,
    count,
    ...columns.map(({ key, unit }) => cell(figures[key], unit)),
  ]);
  const shown = runs.slice(0, 12);
  const unfinished = runs.filter(({ outcome }) => outcome !== "done");
  return html`<section><h2 id="comparison">Side by side</h2>${table(
    "Medians of the repeats, lowest and highest in brackets",
    ["condition", "policy", numeric("runs"), ...columns.map(({ label }) => numeric(label))],
    rows,
  )}${
    unfinished.length > 0 &&
    html`<p>Not comparable as they stand, since they were not finished: ${unfinished.map(({ run }) => run).join(", ")}.</p>`
  }${figure(comparisonPlots(runs), "Each circle is one run, the bar its condition's median.")}${figure(
    sideBySide(shown),
    html`Rates asked and taken, on the same axes; the steps are seats, with their number.${
      runs.length > shown.length && ` ${counted(runs.length - shown.length, "more run")} not drawn here.`
    }`,
  )}</section>`;
}
