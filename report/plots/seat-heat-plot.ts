/** How busy, held up and idle each seat was over time: three heat maps, one under the other, on one time axis. */
import type { SeatHeat, SeatState } from "../figures/seat-heat.ts";
import { seatStates } from "../figures/seat-heat.ts";
import { percent } from "../format.ts";
import { draw, ownMark, timeAxis, timeMargins } from "./draw.ts";

/** Shades from the page's colour to full; eye and legend tell no more apart. */
export const shades = 10;
export const heatColours: Readonly<Record<SeatState, string>> = {
  busy: "var(--c1)",
  backpressured: "var(--c2)",
  idle: "var(--c3)",
};
const rowHeight = 17;

export function seatHeatPlots({ rows }: SeatHeat, untilT: number): string[] {
  return seatStates
    .filter((state) => rows.some(({ means }) => means[state] !== undefined))
    .map((state, index, all) => heatMap(rows, state, untilT, index === all.length - 1));
}

function heatMap(rows: SeatHeat["rows"], state: SeatState, untilT: number, isLast: boolean): string {
  const axis = timeAxis(untilT);
  const seats = rows.map(({ seat }) => seat);
  const told = rows.map(({ seat, means }) => `${seat} ${percent(means[state] ?? 0)}`).join(", ");
  return draw(`Share of time ${state}, by seat over time; on average ${told}`, {
    ...timeMargins,
    marginLeft: Math.max(
      timeMargins.marginLeft,
      Math.min(180, 20 + 7 * Math.max(...seats.map(({ length }) => length))),
    ),
    height: rows.length * rowHeight + 24 + (isLast ? 42 : 6),
    marginBottom: isLast ? 42 : 6,
    x: isLast
      ? { domain: axis.domain, label: axis.label, labelArrow: false, labelAnchor: "center" }
      : { domain: axis.domain, axis: null },
    y: {
      domain: seats,
      label: state,
      labelArrow: false,
      labelAnchor: "top",
      type: "band",
      padding: 0.08,
      tickSize: 0,
    },
    marks: [
      ownMark(({ x, y, right, top, element }) => {
        const height = rowHeight - 2;
        // One path for each shade: thousands of rectangles would make the page heavy.
        const paths = new Map<number, string>();
        for (const { seat, cells } of rows)
          for (const cell of cells) {
            const value = cell[state];
            if (value === undefined) continue;
            const shade = Math.round(Math.min(1, Math.max(0, value)) * shades);
            const [from, until] = [x(axis.of(cell.fromT)), Math.min(right, x(axis.of(cell.untilT)))];
            const piece = `M${from.toFixed(1)},${y(seat).toFixed(1)}H${(until + 0.2).toFixed(1)}v${height}H${from.toFixed(1)}Z`;
            paths.set(shade, (paths.get(shade) ?? "") + piece);
          }
        const cells = [...paths].map(([shade, d]) =>
          element("path", {
            d,
            fill: shade === 0 ? "currentColor" : heatColours[state],
            "fill-opacity": shade === 0 ? 0.07 : shade / shades,
          }),
        );
        const means = rows.map(({ seat, means: { [state]: share } }) =>
          element(
            "text",
            {
              x: right + 10,
              y: y(seat) + height / 2,
              dy: "0.34em",
              "text-anchor": "start",
              fill: "var(--muted)",
            },
            share === undefined ? "" : percent(share),
          ),
        );
        const head = element(
          "text",
          { x: right + 10, y: top - 9, "text-anchor": "start", fill: "var(--muted)" },
          "mean",
        );
        return [...cells, ...means, head];
      }),
    ],
  });
}
