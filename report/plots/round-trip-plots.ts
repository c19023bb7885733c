/** Round trips: estimated against measured, and the error of the estimates as the coordinates learnt. */
import * as Plot from "@observablehq/plot";
import type { RoundTrips } from "../figures/round-trips.ts";
import { percent } from "../format.ts";
import { draw, half, logAxis, timeAxis } from "./draw.ts";
import { endLabels } from "./labels.ts";

const frame = { width: half, height: 340, marginLeft: 56, marginBottom: 42 };

export function roundTripScatter({ shown, errors }: RoundTrips): string {
  const all = shown
    .flatMap(({ estimatedMs, measuredMs }) => [estimatedMs, measuredMs])
    .filter((ms) => ms > 0);
  const domain: [number, number] = [Math.min(...all) / 1.15, Math.max(...all) * 1.15];
  const scale = { type: "log", domain, axis: null } as const;
  return draw(`Estimated against measured round trips, both in ms; median error ${percent(errors.median)}`, {
    ...frame,
    marginRight: 16,
    x: scale,
    y: scale,
    marks: [
      ...logAxis("x", domain, "measured round trip (ms)"),
      ...logAxis("y", domain, "estimated round trip (ms)"),
      Plot.link([domain], { x1: "0", y1: "0", x2: "1", y2: "1", stroke: "currentColor", strokeOpacity: 0.6 }),
      Plot.dot(shown, { x: "measuredMs", y: "estimatedMs", r: 2, fill: "var(--c1)", fillOpacity: 0.4 }),
    ],
  });
}

export function roundTripErrors({ overTime, moves }: RoundTrips, untilT: number): string {
  const axis = timeAxis(untilT);
  const last = overTime.at(-1)!;
  const x = ({ t }: { t: number }) => axis.of(t);
  return draw("Relative error of estimated round trips over time: median and 90th percentile of the pairs", {
    ...frame,
    marginRight: 92,
    x: { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center" },
    y: { label: "relative error (%)", labelArrow: false, grid: true, zero: true, ticks: 5, percent: true },
    marks: [
      Plot.ruleX(moves, { x, stroke: "var(--mark)", strokeDasharray: "3 3" }),
      Plot.text(moves, {
        x,
        frameAnchor: "top",
        dy: 2,
        dx: 4,
        textAnchor: "start",
        fill: "var(--mark)",
        text: ({ node }) => `${node} moved`,
      }),
      Plot.lineY(overTime, { x, y: "p90", stroke: "var(--c2)", strokeWidth: 1.7 }),
      Plot.lineY(overTime, { x, y: "median", stroke: "var(--c1)", strokeWidth: 1.7 }),
      endLabels([
        { text: "90th perc.", colour: "var(--c2)", y: last.p90 * 100, x: axis.of(last.t) },
        { text: "median", colour: "var(--c1)", y: last.median * 100, x: axis.of(last.t) },
      ]),
    ],
  });
}
