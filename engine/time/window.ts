/**
 * Windows of event time and the slices that they are made of. A slice is the largest span that no window of its kind
 * divides: a record touches one slice, and a window's result is the merge of its slices. All windows are [start, end).
 */
import { EngineError } from "../engine-error.ts";

/** A tumbling window slides by its own size. A slide above the size leaves gaps, whose records are in no window. */
export type TimeWindows = {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  /** Of a slice: the greatest that divides both. */
  readonly sliceMs: number;
};

export const tumbling = (sizeMs: number, offsetMs = 0): TimeWindows => sliding(sizeMs, sizeMs, offsetMs);

export function sliding(sizeMs: number, slideMs: number, offsetMs = 0): TimeWindows {
  for (const [name, value] of [
    ["size", sizeMs],
    ["slide", slideMs],
  ] as const) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new EngineError(
        "bad-window",
        `the window's ${name} is ${value}`,
        "a whole number of milliseconds above 0",
        2,
      );
    }
  }
  if (!Number.isSafeInteger(offsetMs)) {
    throw new EngineError(
      "bad-window",
      `the window's offset is ${offsetMs}`,
      "a whole number of milliseconds",
      2,
    );
  }
  return { sizeMs, slideMs, offsetMs, sliceMs: greatestDivisor(sizeMs, slideMs) };
}

/** The start of the span of `sizeMs` that holds a time; floor, so that times before 1970 fall as all others. */
export function startOf(timeMs: number, sizeMs: number, offsetMs: number): number {
  return Math.floor((timeMs - offsetMs) / sizeMs) * sizeMs + offsetMs;
}

export function sliceOf({ sliceMs, offsetMs }: TimeWindows, timeMs: number): number {
  return startOf(timeMs, sliceMs, offsetMs);
}

/** The last window that may hold a slice starts here; it does hold it unless the slice lies in a gap. */
export function lastWindowStart({ slideMs, offsetMs }: TimeWindows, sliceMs: number): number {
  return startOf(sliceMs, slideMs, offsetMs);
}

/** The first window that holds a slice starts here. */
export function firstWindowStart(windows: TimeWindows, slice: number): number {
  // The least start above slice - size, at multiples of the slide.
  return startOf(slice - windows.sizeMs, windows.slideMs, windows.offsetMs) + windows.slideMs;
}

/** Whether no window holds the slice. */
export function isGap(windows: TimeWindows, slice: number): boolean {
  return firstWindowStart(windows, slice) > lastWindowStart(windows, slice);
}

/** From this watermark on nobody needs the slice: all its windows are over, and so is the grace of the last. */
export function expiryOf(windows: TimeWindows, slice: number, latenessMs: number): number {
  return lastWindowStart(windows, slice) + windows.sizeMs + latenessMs;
}

/** The starts of the windows that hold a slice, ascending. */
export function windowsOf(windows: TimeWindows, slice: number): number[] {
  const starts: number[] = [];
  const last = lastWindowStart(windows, slice);
  for (let start = firstWindowStart(windows, slice); start <= last; start += windows.slideMs)
    starts.push(start);
  return starts;
}

/**
 * The first window after `afterEndMs` (by its end) that holds any of these slices (ascending); undefined for none.
 * Windows without data are skipped, so that a gap of a year in the data costs nothing.
 */
export function nextWindow(
  windows: TimeWindows,
  slices: readonly number[],
  afterEndMs: number,
): number | undefined {
  let least: number | undefined;
  for (const slice of slices) {
    let start = firstWindowStart(windows, slice);
    if (start + windows.sizeMs <= afterEndMs) {
      start = startOf(afterEndMs - windows.sizeMs, windows.slideMs, windows.offsetMs) + windows.slideMs;
    }
    if (start > lastWindowStart(windows, slice)) continue;
    if (least === undefined || start < least) least = start;
  }
  return least;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
