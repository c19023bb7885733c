/** Throughput by parallelism of one condition: measured points with their intervals, and every model's line. */
import * as Plot from "@observablehq/plot";
import type { PredictedThroughput, Throughput } from "../figures/throughput.ts";
import { draw, half } from "./draw.ts";
import { endLabels } from "./labels.ts";
import { lookOf } from "./models.ts";

/** `all` are those beside it, which share its axes; `trusted` is the model whose interval is drawn too. */
export function throughputPlot(one: Throughput, all: readonly Throughput[], trusted?: string): string {
  const points = all.flatMap((each) => each.points);
  const parallelisms = points.map((point) => point.parallelism);
  const [least, most] = [Math.min(...parallelisms), Math.max(...parallelisms)];
  const highest = Math.max(
    ...points.flatMap(({ high, predictions }) => [high, ...predictions.map(({ mst }) => mst)]),
  );
  const predicted = one.points.flatMap(({ parallelism, predictions }) =>
    predictions.map((prediction) => ({ parallelism, ...prediction })),
  );
  const byModel = Map.groupBy(predicted, ({ model }) => model);
  const band = (byModel.get(trusted ?? "") ?? []).filter(hasInterval);
  const last = one.points.at(-1)!;
  const marks: Plot.Markish[] = [];
  if (trusted !== undefined)
    marks.push(
      Plot.areaY(band, {
        x: "parallelism",
        y1: "low",
        y2: "high",
        fill: lookOf(trusted).colour,
        fillOpacity: 0.15,
      }),
    );
  for (const [model, line] of byModel) {
    const { colour, symbol } = lookOf(model);
    marks.push(
      Plot.lineY(line, { x: "parallelism", y: "mst", stroke: colour, strokeWidth: 1.3 }),
      Plot.dot(line, { x: "parallelism", y: "mst", stroke: colour, symbol, r: 3.2, strokeWidth: 1.3 }),
    );
  }
  marks.push(
    Plot.lineY(one.points, { x: "parallelism", y: "mst", stroke: "var(--ink)", strokeWidth: 2.2 }),
    Plot.ruleX(one.points, {
      x: "parallelism",
      y1: "low",
      y2: "high",
      stroke: "var(--ink)",
      strokeWidth: 2.2,
    }),
    Plot.dot(one.points, { x: "parallelism", y: "mst", fill: "var(--ink)", r: 4 }),
    endLabels([
      { text: "measured", y: last.mst, x: last.parallelism, colour: "var(--ink)" },
      ...[...byModel].map(([model, line]) => ({
        text: model,
        y: line.at(-1)!.mst,
        x: line.at(-1)!.parallelism,
        colour: lookOf(model).colour,
      })),
    ]),
  );
  return draw(describe(one), {
    ...(all.length > 1 ? { heading: one.group } : {}),
    ...(all.length > 1 ? { width: half, height: 320 } : { width: 680, height: 360 }),
    marginRight: 92,
    marginLeft: 52,
    x: {
      label: "parallelism (seats)",
      labelArrow: false,
      labelAnchor: "center",
      domain: [least - 0.3, most + 0.3],
      ticks: Array.from({ length: most - least + 1 }, (_, index) => least + index).filter(
        (tick) => most - least < 16 || (tick - least) % Math.ceil((most - least) / 12) === 0,
      ),
      tickFormat: "d",
    },
    y: {
      label: "throughput sustained (records/s)",
      labelArrow: false,
      grid: true,
      domain: [0, highest * 1.04],
      ticks: 6,
    },
    marks,
  });
}

const hasInterval = (each: PredictedThroughput) => each.low !== undefined && each.high !== undefined;

function describe({ group, points }: Throughput): string {
  const told = points.map(({ parallelism, mst }) => `${parallelism}: ${Math.round(mst)}`).join(", ");
  return `Records per second sustained by parallelism, condition ${group}: measured ${told}. The table has every model's prediction.`;
}
