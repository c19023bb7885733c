/**
 * Draws with Observable Plot without a browser, into SVG text that takes its colours from the page's custom properties, so
 * that one drawing serves light, dark and paper.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, markup } from "../page/html.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

export const wide = 920;
export const half = 452;
export const third = 298;

/** Broad and faint, so that it still shows where what was taken lies upon it. */
export const askedLook = { stroke: "var(--muted)", strokeWidth: 5, strokeOpacity: 0.4 } as const;

/** Of drawings that stand one under the other on one time axis. */
export const timeMargins = { marginLeft: 86, marginRight: 104 };

/** What all time axes of one run share. */
export type TimeAxis = { of(t: number): number; label: string; domain: [number, number] };

/** Seconds up to ten minutes, then minutes, then hours. */
export function timeAxis(untilT: number): TimeAxis {
  const [unit, unitMs] =
    untilT <= 600_000 ? ["s", 1000] : untilT <= 7_200_000 ? ["min", 60_000] : ["h", 3_600_000];
  const of = (t: number) => t / (unitMs as number);
  return { of, label: `time since the run's start (${unit})`, domain: [0, of(untilT)] };
}

/** `label` says to those who cannot see it what the drawing shows; `heading` is written over it. */
export function draw(
  label: string,
  { heading, ...options }: Plot.PlotOptions & { heading?: string },
): string {
  const plot = Plot.plot({
    document,
    className: "plot",
    width: wide,
    ...options,
    marginTop: options.marginTop ?? 24,
    marginBottom: options.marginBottom ?? 42,
    y: { tickSize: 0, ...options.y },
    style: { fontSize: "12px" },
  });
  // Plot's rules are the same in every drawing; the page has them once.
  plot.querySelector("style")?.remove();
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", label);
  for (const element of plot.querySelectorAll("*")) roundNumbers(element);
  return heading === undefined
    ? plot.outerHTML
    : html`<div><p class="heading">${heading}</p>${markup(plot.outerHTML)}</div>`.text;
}

/** 1, 2 and 5 of each power of ten, few enough to be read: what a logarithmic axis is marked with. */
export function logTicks(least: number, greatest: number): number[] {
  const powers = Array.from({ length: 40 }, (_, index) => index - 20);
  const within = (leads: readonly number[]) =>
    powers
      .flatMap((power) => leads.map((lead) => Number(`${lead}e${power}`)))
      .filter((tick) => tick >= least && tick <= greatest);
  const some = within([1, 2, 5]);
  const few = within([1]);
  return some.length > 9 && few.length > 1 ? few : some;
}

const plainTick = (value: number) => (value >= 1000 ? value.toLocaleString("en") : String(value));

/** A logarithmic axis with every tick written: Plot's own leaves out those that d3 thinks too many. */
export function logAxis(side: "x" | "y", domain: readonly [number, number], label: string): Plot.Markish[] {
  const ticks = logTicks(...domain);
  const look = { label, labelArrow: false, text: plainTick } as const;
  return side === "x"
    ? [Plot.gridX(ticks), Plot.axisX(ticks, { ...look, labelAnchor: "center" })]
    : [Plot.gridY(ticks), Plot.axisY(ticks, { ...look, tickSize: 0 })];
}

const places = new Set(["d", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"]);

/** A tenth of a pixel is enough, and a third of the size. */
function roundNumbers(element: {
  getAttributeNames(): string[];
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
}): void {
  for (const name of element.getAttributeNames()) {
    const value = places.has(name) ? element.getAttribute(name) : null;
    if (value?.includes("."))
      element.setAttribute(
        name,
        value.replace(/-?\d+\.\d{2,}/g, (found) => String(Number(Number(found).toFixed(1)))),
      );
  }
}

/** A mark of our own: gets the scales as functions to pixels and the frame, and returns what is drawn. */
export type Frame = {
  x(value: unknown): number;
  y(value: unknown): number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  element(name: string, attributes: Readonly<Record<string, string | number>>, text?: string): SvgElement;
};
type SvgElement = { append(...children: SvgElement[]): void };

export function ownMark(render: (frame: Frame) => readonly SvgElement[]): Plot.RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const svg = context.document as unknown as {
      createElementNS(
        space: string,
        name: string,
      ): SvgElement & {
        setAttribute(name: string, value: string): void;
        textContent: string;
      };
    };
    const element: Frame["element"] = (name, attributes, text) => {
      const made = svg.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
      if (text !== undefined) made.textContent = text;
      return made;
    };
    const { width, height, marginLeft, marginRight, marginTop, marginBottom } = dimensions;
    const scale = (name: "x" | "y") => (value: unknown) =>
      Number((scales[name] as (value: unknown) => number)(value));
    const group = element("g", {});
    group.append(
      ...render({
        x: scale("x"),
        y: scale("y"),
        left: marginLeft,
        right: width - marginRight,
        top: marginTop,
        bottom: height - marginBottom,
        element,
      }),
    );
    return group as never;
  };
}
