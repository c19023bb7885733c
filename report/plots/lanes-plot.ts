/** What happened besides rates, one lane for each kind: checkpoints and rescales as long as they took, events as marks. */
import * as Plot from "@observablehq/plot";
import type { Timeline } from "../figures/timeline.ts";
import { duration } from "../format.ts";
import type { CheckpointLine } from "../record/lines.ts";
import { draw, ownMark, type TimeAxis, timeMargins } from "./draw.ts";

type Item = { lane: string; fromT: number; untilT: number; isBad: boolean; title: string };

const lanesOfEvents: Readonly<Record<string, string>> = {
  network: "network",
  node: "nodes",
  load: "load",
  warning: "warnings",
  "checkpoint-failed": "warnings",
  phase: "phases",
  engine: "engine",
};
const order = ["phases", "load", "network", "nodes", "rescales", "checkpoints", "engine", "warnings"];

export function lanesPlot(
  timeline: Timeline,
  checkpoints: readonly CheckpointLine[],
  axis: TimeAxis,
): string {
  const items = [...eventItems(timeline), ...rescaleItems(timeline), ...checkpoints.map(checkpointItem)];
  const lanes = order.filter((lane) => items.some((item) => item.lane === lane));
  const x = (t: number) => axis.of(Math.max(0, t));
  // What went wrong is always drawn on its own.
  const told = items.filter((item) => item.isBad || !isCrowded(items, item.lane));
  return draw(`What happened besides: ${lanes.join(", ") || "nothing was recorded"}`, {
    ...timeMargins,
    height: Math.max(1, lanes.length) * 22 + 52,
    marginTop: 10,
    marginBottom: 42,
    x: { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center" },
    y: { domain: lanes.length > 0 ? lanes : [""], label: null, tickSize: 0, padding: 0.35 },
    marks: [
      Plot.ruleY(lanes, { stroke: "currentColor", strokeOpacity: 0.12 }),
      ...lanes
        .filter((lane) => isCrowded(items, lane))
        .map((lane) =>
          ticks(
            items.filter((item) => item.lane === lane && !item.isBad),
            axis,
          ),
        ),
      Plot.link(told, {
        x1: ({ fromT }) => x(fromT),
        x2: ({ untilT }) => x(untilT),
        y: "lane",
        stroke: colour,
        strokeWidth: 7,
        strokeOpacity: 0.75,
      }),
      ...[false, true].map((isBad) =>
        Plot.dot(
          told.filter((item) => item.isBad === isBad),
          {
            x: ({ fromT }) => x(fromT),
            y: "lane",
            r: 3.5,
            stroke: colour,
            fill: isBad ? "none" : "var(--page)",
            strokeWidth: 1.5,
            symbol: isBad ? "times" : "circle",
            title: "title",
          },
        ),
      ),
    ],
  });
}

const colour = ({ isBad, lane }: Item) =>
  isBad ? "var(--bad)" : lane === "rescales" ? "var(--mark)" : "var(--ink)";

const crowd = 100;
const isCrowded = (items: readonly Item[], lane: string) =>
  items.filter((item) => item.lane === lane && !item.isBad).length > crowd;

/** Hundreds of circles would be one black bar, and heavy: thin lines in one path, which still show where none is. */
function ticks(items: readonly Item[], axis: TimeAxis): Plot.Markish {
  return ownMark(({ x, y, element }) => {
    const places = [...new Set(items.map(({ fromT }) => x(axis.of(Math.max(0, fromT))).toFixed(1)))];
    const middle = y(items[0]!.lane);
    const d = places.map((place) => `M${place},${middle - 5}v10`).join("");
    return [element("path", { d, stroke: colour(items[0]!), "stroke-opacity": 0.5, "stroke-width": 0.8 })];
  });
}

function eventItems({ events }: Timeline): Item[] {
  return events.flatMap(({ t, event, text }) => {
    const lane = lanesOfEvents[event];
    if (lane === undefined) return [];
    return [{ lane, fromT: t, untilT: t, isBad: lane === "warnings", title: `${event}: ${text}` }];
  });
}

function rescaleItems({ decisions }: Timeline): Item[] {
  return decisions
    .filter(({ outcome }) => outcome !== undefined)
    .map(({ number, t, standStillMs, outcome, from, to }) => ({
      lane: "rescales",
      fromT: t,
      untilT: t + (standStillMs ?? 0),
      isBad: outcome !== "done",
      title: `decision ${number}: ${from} → ${to}, ${outcome}, stood still ${duration(standStillMs ?? 0)}`,
    }));
}

function checkpointItem({ t, startedT, durationMs, kind, outcome }: CheckpointLine): Item {
  const fromT = startedT ?? t - (durationMs ?? 0);
  return {
    lane: "checkpoints",
    fromT,
    untilT: t,
    isBad: outcome === "failed",
    title: `${kind ?? "checkpoint"} ${outcome ?? ""}: ${duration(t - fromT)}`,
  };
}
