/** Checkpoints over time: how long each took, and how big it was. */
import * as Plot from "@observablehq/plot";
import type { CheckpointLine } from "../record/lines.ts";
import { draw, half, timeAxis } from "./draw.ts";

type Kind = "checkpoint" | "savepoint" | "failed";
const looks = {
  checkpoint: { symbol: "circle", colour: "var(--c1)" },
  savepoint: { symbol: "diamond2", colour: "var(--c4)" },
  failed: { symbol: "times", colour: "var(--bad)" },
} as const;

/** Savepoints are all that are not periodic. */
export function kindOf({ kind, outcome }: CheckpointLine): Kind {
  if (outcome === "failed") return "failed";
  return kind === undefined || kind === "checkpoint" ? "checkpoint" : "savepoint";
}

export function checkpointPlots(checkpoints: readonly CheckpointLine[], untilT: number): string[] {
  const longest = Math.max(0, ...checkpoints.map(({ durationMs }) => durationMs ?? 0));
  const [unit, of] = longest >= 2000 ? ["s", 1000] : ["ms", 1];
  const sizes = checkpoints.filter(({ bytes }) => bytes !== undefined);
  const largest = Math.max(0, ...sizes.map(({ bytes }) => bytes!));
  const [sizeUnit, sizeOf] = largest >= 1e9 ? ["GB", 1e9] : largest >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  const plots = [
    panel(
      checkpoints.filter(({ durationMs }) => durationMs !== undefined),
      untilT,
      `duration (${unit})`,
      ({ durationMs }) => durationMs! / (of as number),
    ),
  ];
  if (sizes.length > 0)
    plots.push(panel(sizes, untilT, `size (${sizeUnit})`, ({ bytes }) => bytes! / (sizeOf as number)));
  return plots;
}

function panel(
  checkpoints: readonly CheckpointLine[],
  untilT: number,
  label: string,
  y: (line: CheckpointLine) => number,
): string {
  const axis = timeAxis(untilT);
  const kinds = [...new Set(checkpoints.map(kindOf))];
  return draw(`Checkpoints over time: ${label}, ${checkpoints.length} of them`, {
    width: half,
    height: 240,
    marginLeft: 52,
    marginBottom: 42,
    x: { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center" },
    y: { label, labelArrow: false, grid: true, zero: true, ticks: 5 },
    marks: [
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
      ...kinds.map((kind) =>
        Plot.dot(
          checkpoints.filter((line) => kindOf(line) === kind),
          {
            x: (line) => axis.of(line.startedT ?? line.t),
            y,
            r: 4,
            strokeWidth: 1.6,
            stroke: looks[kind].colour,
            symbol: looks[kind].symbol,
          },
        ),
      ),
    ],
  });
}
