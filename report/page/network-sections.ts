/** What the page says of one run's network: round trips as estimated and measured, links as asked and measured. */
import type { RunAnalysis } from "../analysis.ts";
import type { LinkPair, LinkProperty } from "../figures/links.ts";
import { duration, number, percent } from "../format.ts";
import { delayScatter, propertyNames, strainPlot } from "../plots/link-plots.ts";
import { roundTripErrors, roundTripScatter } from "../plots/round-trip-plots.ts";
import { figure, type Html, html, numeric, table } from "./html.ts";

export function roundTripSection({ roundTrips, timeline }: RunAnalysis): Html | undefined {
  if (!roundTrips) return undefined;
  const { count, pairs, errors, errorsMs, inside, shown, overTime } = roundTrips;
  const sample =
    shown.length < count
      ? ` ${number(shown.length)} of ${number(count)} are drawn, evenly chosen; the errors are of all.`
      : "";
  const within =
    inside === undefined ? "" : ` ${percent(inside)} of the measured ones lay in the interval told.`;
  return html`<h3>Round trips: estimated and measured</h3>${figure(
    [roundTripScatter(roundTrips), roundTripErrors(roundTrips, timeline.untilT)],
    `${number(count)} estimates of ${number(pairs)} pairs that were also measured. Relative error: median ${percent(errors.median)}, 90th percentile ${percent(errors.p90)}, 99th ${percent(errors.p99)}, worst ${percent(errors.worst)}; in time: median ${duration(errorsMs.median)}, 90th percentile ${duration(errorsMs.p90)}.${within} On the line an estimate is right.${sample}`,
    {
      summary: "Errors over time as a table",
      content: table(
        "Relative error of the estimates",
        [numeric("until (s)"), numeric("estimates"), numeric("median"), numeric("90th percentile")],
        overTime.map((bin) => [number(bin.t / 1000), bin.count, percent(bin.median), percent(bin.p90)]),
      ),
    },
  )}`;
}

export function linkSection({ links }: RunAnalysis): Html | undefined {
  if (!links) return undefined;
  const { properties, verdict, pairsMeasured, pairsOfAll, pairsOff, remarks } = links;
  const worst = properties.flatMap((each) =>
    each.pairs.filter(({ isOff }) => isOff).map((pair) => ({ each, pair })),
  );
  return html`<h3>Links: asked and measured</h3><p>Before the job started, ${number(pairsMeasured)} of ${number(pairsOfAll)} ordered pairs were measured: <b${verdict === "off" ? html` class="off"` : ""}>${
    verdict === "off" ? `${number(pairsOff)} not as asked` : verdict === "ok" ? "all as asked" : verdict
  }</b>. ${remarks.length > 0 && `Remarks: ${remarks.join("; ")}.`}</p>${table(
    "By property, with the pair that was furthest from what was asked",
    [
      "property",
      numeric("pairs"),
      numeric("off"),
      numeric("not measured"),
      numeric("asked"),
      "worst pair",
      numeric("asked"),
      numeric("measured"),
    ],
    properties.map(propertyRow),
  )}${
    properties.length > 0 &&
    figure(
      [delayScatter(links), strainPlot(links)],
      "Left: on the line a delay is as asked. Right: every pair, in units of what docs/verify.md allows. × is off.",
    )
  }${
    worst.length > 0 &&
    table(
      worst.length > 20 ? `The worst 20 of ${worst.length} that were off` : "Off",
      ["property", "pair", numeric("asked"), numeric("measured"), numeric("× what is allowed")],
      worst
        .toSorted((one, other) => other.pair.strain - one.pair.strain)
        .slice(0, 20)
        .map(({ each: { property }, pair }) => [
          propertyNames[property] ?? property,
          pairName(pair),
          written(property, pair.asked),
          written(property, pair.measured),
          number(pair.strain),
        ]),
    )
  }`;
}

const pairName = ({ from, to }: LinkPair) => `${from} → ${to}`;

function propertyRow({ property, pairs, off, unmeasured, askedLow, askedHigh, worst }: LinkProperty) {
  const range =
    askedLow === askedHigh
      ? written(property, askedLow)
      : `${written(property, askedLow)} – ${written(property, askedHigh)}`;
  const offCell = off > 0 ? html`<span class="off">${off}</span>` : 0;
  const name = propertyNames[property] ?? property;
  return [
    name,
    pairs.length,
    offCell,
    unmeasured,
    range,
    pairName(worst),
    written(property, worst.asked),
    written(property, worst.measured),
  ];
}

/** With the unit that the property's name ends in. */
function written(property: string, value: number): string {
  if (property.endsWith("Ms")) return `${number(value)} ms`;
  if (property.endsWith("Ratio")) return `${number(value * 100)} %`;
  if (property.endsWith("BitsPerSecond")) return `${number(value / 1e6)} Mbit/s`;
  return number(value);
}
