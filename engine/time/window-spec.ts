/** The kinds of windows, as plain data that the dataflow API makes and the window operators take. */
import { EngineError } from "../engine-error.ts";
import { sliding, type TimeWindows, tumbling } from "./window.ts";

export type WindowSpec =
  | { readonly is: "tumbling"; readonly sizeMs: number; readonly offsetMs?: number }
  | { readonly is: "sliding"; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs?: number }
  /** Ends when no record of the key has come for the gap. */
  | {
      readonly is: "session";
      readonly gapMs: number;
      /** A column of numbers with each record's own gap in ms; `gapMs` where that is null or not above 0. Not for joins. */
      readonly gapColumn?: string;
    }
  /** A window for all time, which only a trigger ends. */
  | { readonly is: "global" }
  /** Every `slide` records (by default `size`) the newest `size` of the key. */
  | { readonly is: "count"; readonly size: number; readonly slide?: number }
  /** By the wall clock of the worker. */
  | { readonly is: "processing-tumbling"; readonly sizeMs: number; readonly offsetMs?: number };

export type TimeWindowSpec = Extract<WindowSpec, { is: "tumbling" | "sliding" }>;

export function timeWindowsOf(spec: TimeWindowSpec): TimeWindows {
  return spec.is === "tumbling"
    ? tumbling(spec.sizeMs, spec.offsetMs)
    : sliding(spec.sizeMs, spec.slideMs, spec.offsetMs);
}

/** For the line of the job that says it: a worker would find it only when it makes the operator. */
export function checkWindow(spec: WindowSpec): void {
  if (spec.is === "tumbling" || spec.is === "processing-tumbling") tumbling(spec.sizeMs, spec.offsetMs);
  else if (spec.is === "sliding") sliding(spec.sizeMs, spec.slideMs, spec.offsetMs);
  else if (spec.is === "session") checkWhole("the gap of sessions", spec.gapMs, 1);
  else if (spec.is === "count") {
    checkWhole("the size of a window of a count", spec.size, 1);
    if (spec.slide !== undefined) checkWhole("the slide of a window of a count", spec.slide, 1);
  }
}

/** A gap, a size or a lateness: milliseconds or records, above 0 or from it on. */
export function checkWhole(what: string, value: number, least: 0 | 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new EngineError("bad-window", `${what} is ${value}`, `a whole number from ${least} on`, 2);
}
