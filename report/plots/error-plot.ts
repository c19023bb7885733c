/** Every prediction's error by model: how wide each scatters, and to which side it leans. */
import * as Plot from "@observablehq/plot";
import type { ErrorSummary, PredictionError } from "../figures/prediction-errors.ts";
import { percent, shortened } from "../format.ts";
import { draw } from "./draw.ts";
import { lookOf } from "./models.ts";

export function errorPlot(errors: readonly PredictionError[], summaries: readonly ErrorSummary[]): string {
  const overall = summaries.filter(({ group }) => group === undefined);
  const models = overall.map(({ model }) => model);
  const groups = [...new Set(errors.map(({ group }) => group))];
  // One line of dots for each condition, so that a model's row shows where its errors come from.
  const step = 11;
  const offset = (group: string) => (groups.indexOf(group) - (groups.length - 1) / 2) * step;
  const row = Math.max(34, groups.length * step + 14);
  const label = (group: string) => (groups.length > 1 ? shortened(group) : "");
  return draw(
    `Signed relative errors of predictions by model. ${overall.map(({ model, median }) => `${model}: median size ${percent(median)}`).join("; ")}`,
    {
      height: models.length * row + 70,
      marginLeft: 86,
      marginRight: 130,
      x: {
        inset: 14,
        label: "error of prediction: predicted too little (−), too much (+), of what was measured",
        labelArrow: false,
        labelAnchor: "center",
        grid: true,
        tickFormat: (value: number) =>
          `${value > 0 ? "+" : ""}${Math.round(value * 100)} %`.replace("-", "−"),
      },
      y: { domain: models, label: null },
      marks: [
        Plot.rect([{ from: -0.05, to: 0.05 }], {
          x1: "from",
          x2: "to",
          fill: "currentColor",
          fillOpacity: 0.07,
        }),
        Plot.ruleX([0], { stroke: "currentColor" }),
        ...groups.flatMap((group) => {
          const own = errors.filter((each) => each.group === group);
          return models.map((model) => {
            const { colour, symbol } = lookOf(model);
            const data = own.filter((each) => each.model === model);
            return Plot.dot(data, {
              x: "error",
              y: "model",
              dy: offset(group),
              stroke: colour,
              symbol,
              r: 3.4,
            });
          });
        }),
        ...groups.map((group) =>
          Plot.text(models, {
            frameAnchor: "right",
            y: (model: string) => model,
            text: () => label(group),
            textAnchor: "start",
            dx: 8,
            dy: offset(group),
            fontSize: 10,
            fill: "var(--muted)",
          }),
        ),
      ],
    },
  );
}
