/** Links: delays asked against measured, and for every property how far each pair was from what is allowed. */
import * as Plot from "@observablehq/plot";
import type { LinkProperty, Links } from "../figures/links.ts";
import { draw, half, ownMark } from "./draw.ts";

const offLook = { stroke: "var(--bad)", symbol: "times", r: 4, strokeWidth: 1.8 } as const;
const okLook = { stroke: "var(--c1)", symbol: "circle", r: 3, strokeOpacity: 0.7 } as const;

/** Undefined where no delay was measured. */
export function delayScatter({ properties }: Links): string | undefined {
  const delays = properties.find(({ property }) => property === "delayMs");
  if (!delays) return undefined;
  const most = Math.max(1, ...delays.pairs.flatMap(({ asked, measured }) => [asked, measured])) * 1.05;
  const axis = { domain: [0, most], grid: true, labelArrow: false, ticks: 6 } as const;
  return draw(`One-way delays measured against asked, ${delays.pairs.length} pairs, ${delays.off} off`, {
    width: half,
    height: 340,
    marginLeft: 56,
    marginBottom: 42,
    x: { ...axis, label: "delay asked (ms, one way)", labelAnchor: "center" },
    y: { ...axis, label: "delay measured (ms)" },
    marks: [
      Plot.link([[0, most]], {
        x1: "0",
        y1: "0",
        x2: "1",
        y2: "1",
        stroke: "currentColor",
        strokeOpacity: 0.6,
      }),
      ...looks(delays).map(([pairs, look]) => Plot.dot(pairs, { x: "asked", y: "measured", ...look })),
    ],
  });
}

const looks = ({ pairs }: LinkProperty) =>
  [
    [pairs.filter(({ isOff }) => !isOff), okLook],
    [pairs.filter(({ isOff }) => isOff), offLook],
  ] as const;

/** Far beyond what is allowed is off all the same, and would press the rest together. */
const strainMost = 3;

export function strainPlot({ properties }: Links): string {
  const names = properties.map(({ property }) => propertyNames[property] ?? property);
  return draw(
    `How far each pair was from what was asked, in units of what is allowed: ${properties.map(({ property, off }) => `${property} ${off} off`).join(", ")}`,
    {
      width: half,
      height: Math.max(120, names.length * 38 + 70),
      marginLeft: 86,
      marginBottom: 42,
      x: {
        domain: [0, strainMost],
        label: "distance from asked (1 = all that is allowed)",
        labelArrow: false,
        labelAnchor: "center",
        ticks: [0, 1, 2, 3],
        tickFormat: (value: number) => (value === strainMost ? `≥ ${strainMost}` : String(value)),
      },
      y: { domain: names, label: null, tickSize: 0 },
      marks: [
        ownMark(({ x, right, top, bottom, element }) => [
          element("rect", {
            x: x(1),
            y: top,
            width: right - x(1),
            height: bottom - top,
            fill: "var(--bad)",
            "fill-opacity": 0.08,
          }),
          element("text", { x: x(1) + 6, y: top - 6, "text-anchor": "start", fill: "var(--bad)" }, "off"),
        ]),
        ...properties.flatMap((each) =>
          looks(each).map(([pairs, look]) =>
            Plot.dot(pairs, {
              x: ({ strain }) => Math.min(strain, strainMost),
              y: () => propertyNames[each.property] ?? each.property,
              ...look,
            }),
          ),
        ),
      ],
    },
  );
}

export const propertyNames: Readonly<Record<string, string>> = {
  silence: "cut",
  delayMs: "delay",
  roundTripMs: "round trip",
  delay6Ms: "delay (IPv6)",
  jitterMs: "jitter",
  lossRatio: "loss",
  duplicateRatio: "duplicates",
  corruptRatio: "corruption",
  overtaken: "order",
  rateBitsPerSecond: "rate",
};
