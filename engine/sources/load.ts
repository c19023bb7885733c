/**
 * What a job's sources are told to make from outside while it runs: rates by steps, each list of them from a moment on.
 * The coordinator holds it, and every subtask of a source comes to the same numbers and due times by it. Pure.
 */
import { Pacing, type RateStep, type Segment, segmentsOf } from "./pacing.ts";

export type LoadAnchor = {
  /** Wall-clock ms. */
  readonly fromMs: number;
  /** Of each source operator, all its subtasks together; the last one lasts for ever. */
  readonly steps: readonly RateStep[];
  /**
   * By source operator, where its numbers go on: those below that were not made by then never will be, so that nothing
   * is overdue. An operator that is not named here, or any without this, goes on where the load before would have been.
   */
  readonly fromNumbers?: Readonly<Record<string, number>>;
};

/** In the order of time. Empty: sources wait. */
export type Load = { readonly anchors: readonly LoadAnchor[] };

/** With one more anchor; what nothing can be due by any more is left out. */
export function loadAfter({ anchors }: Load, next: LoadAnchor, operators: readonly string[]): Load {
  // What makes no sense is refused before anybody hears of it.
  segmentsOf(next.steps);
  const last = anchors.at(-1);
  // A clock that was set back must not make earlier due times.
  const fromMs = Math.max(next.fromMs, last?.fromMs ?? 0);
  const isFreshForAll = operators.length > 0 && operators.every((id) => next.fromNumbers?.[id] !== undefined);
  return { anchors: [...(isFreshForAll ? [] : anchors), { ...next, fromMs }] };
}

/** When each record of a source operator is due by the wall clock; undefined before any load. */
export function pacingOf({ anchors }: Load, operator: string): Pacing | undefined {
  let segments: Segment[] = [];
  for (const { fromMs, steps, fromNumbers } of anchors) {
    const fresh = fromNumbers?.[operator];
    const number = fresh ?? progressAt(segments, fromMs);
    const before = fresh === undefined ? segments.filter((segment) => segment.fromMs < fromMs) : [];
    segments = [...before, ...segmentsOf(steps, { fromMs, fromNumber: number })];
  }
  return segments.length === 0 ? undefined : new Pacing(segments);
}

/** Numbers below this are not made any more. */
export function firstNumberOf({ anchors }: Load, operator: string): number {
  return (
    anchors.findLast(({ fromNumbers }) => fromNumbers?.[operator] !== undefined)?.fromNumbers?.[operator] ?? 0
  );
}

/** The rate in force at a moment. */
export function rateAt(load: Load, nowMs: number): number {
  // The same for every operator.
  const segment = pacingOf(load, "")?.segments.findLast(({ fromMs }) => fromMs <= nowMs);
  return segment?.ratePerSecond ?? 0;
}

/** How many records are due by then, with what part of the next one. */
function progressAt(segments: readonly Segment[], atMs: number): number {
  const segment = segments.findLast(({ fromMs }) => fromMs <= atMs);
  if (segment === undefined) return 0;
  return segment.fromNumber + ((atMs - segment.fromMs) * segment.ratePerSecond) / 1000;
}
