/** Latency: how it was spread, up to the last quantile that can be told, and how its quantiles changed over time. */
import * as Plot from "@observablehq/plot";
import type { Latency, LatencyCurve } from "../figures/latency.ts";
import { greatest, least } from "../figures/statistics.ts";
import { draw, half, logAxis, timeAxis } from "./draw.ts";
import { endLabels } from "./labels.ts";

const attemptsMost = 7;
const colours = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)"];
const frame = { width: half, height: 300, marginLeft: 52, marginRight: 92, marginBottom: 42 };

function latencyDomain(values: readonly number[]): [number, number] {
  return [least(values) ?? 1, (greatest(values) ?? 1) * 1.05];
}

export function latencyCurves({ attempts }: Latency): string {
  const shown =
    attempts.length > attemptsMost
      ? [...attempts].sort((a, b) => b.count - a.count).slice(0, attemptsMost)
      : attempts;
  const ordered = [...shown].sort((one, other) => one.attempt - other.attempt);
  const nines = (share: number) => -Math.log10(1 - share);
  const most = Math.min(6, Math.max(1, ...ordered.map(({ count }) => Math.floor(Math.log10(count)))));
  const ticks = [Math.log10(2), ...Array.from({ length: most }, (_, index) => index + 1)];
  const curves = ordered.map((attempt, index) => ({
    colour: colours[index]!,
    name: nameOf(attempt, ordered),
    points: attempt.curve.filter(({ ms, share }) => ms > 0 && share >= 0.5 && nines(share) <= most),
  }));
  const curvesDomain = latencyDomain(curves.flatMap(({ points }) => points.map(({ ms }) => ms)));
  return draw("Latency by quantile, one line for each attempt; the table has the figures", {
    ...frame,
    x: {
      domain: [Math.log10(2), most],
      ticks,
      tickFormat: quantileTick,
      label: "share of records that took no longer",
      labelArrow: false,
      labelAnchor: "center",
    },
    y: { type: "log", domain: curvesDomain, axis: null },
    marks: [
      ...logAxis("y", curvesDomain, "latency (ms)"),
      ...curves.map(({ colour, points }) =>
        Plot.lineY(points, { x: ({ share }) => nines(share), y: "ms", stroke: colour, strokeWidth: 1.7 }),
      ),
      endLabels(
        curves.flatMap(({ name, colour, points }) => {
          const last = points.at(-1);
          return last ? [{ text: name, colour, y: last.ms, x: nines(last.share) }] : [];
        }),
      ),
    ],
  });
}

function quantileTick(nines: number): string {
  if (nines < 1) return "50 %";
  return nines < 2 ? "90 %" : `99${nines > 2 ? `.${"9".repeat(Math.round(nines) - 2)}` : ""} %`;
}

/** By parallelism where that says which it was. */
function nameOf({ attempt, parallelism }: LatencyCurve, among: readonly LatencyCurve[]): string {
  const isAlone = among.filter((other) => other.parallelism === parallelism).length === 1;
  if (parallelism === undefined || !isAlone) return `attempt ${attempt}`;
  return parallelism === 1 ? "1 seat" : `${parallelism} seats`;
}

export function latencyOverTime({ overTime }: Latency, untilT: number): string {
  const axis = timeAxis(untilT);
  const shown = [
    { name: "p99", of: "p99", colour: "var(--c2)" },
    { name: "p90", of: "p90", colour: "var(--c4)" },
    { name: "median", of: "p50", colour: "var(--c1)" },
  ] as const;
  const domain = latencyDomain(overTime.flatMap((part) => shown.flatMap(({ of }) => part[of] || [])));
  return draw("Latency over time: median, 90th and 99th percentile of each interval", {
    ...frame,
    x: { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center" },
    y: { type: "log", domain, axis: null },
    marks: [
      ...logAxis("y", domain, "latency (ms)"),
      ...shown.map(({ of, colour }) =>
        Plot.lineY(
          overTime.filter((part) => (part[of] ?? 0) > 0),
          { x: ({ t }) => axis.of(t), y: of, stroke: colour, strokeWidth: 1.6 },
        ),
      ),
      endLabels(
        shown.flatMap(({ name, of, colour }) => {
          const last = overTime.findLast((part) => (part[of] ?? 0) > 0);
          return last ? [{ text: name, colour, y: last[of]!, x: axis.of(last.t) }] : [];
        }),
      ),
    ],
  });
}
