/** When a window gives its result: the triggers that there are, and what a person's own must satisfy. */
import { EngineError } from "../engine-error.ts";
import { checkWhole } from "../time/window-spec.ts";

/** A purge forgets what the window holds; the window itself stays, and so does what the trigger keeps. */
export type TriggerResult = "continue" | "fire" | "purge" | "fire-and-purge";

/** The window of one key, as its trigger sees it. */
export interface TriggerPane {
  readonly windowStartMs: number;
  /** Infinity for a window for all time. */
  readonly windowEndMs: number;
  readonly watermarkMs: number;
  readonly nowMs: number;
  /** When `onEventTime` is wanted: once no record before this time will come; Infinity for never. */
  eventTimerMs: number;
  /** When `onProcessingTime` is wanted, by the wall clock; Infinity for never. */
  processingTimerMs: number;
  get(cell: number): number;
  set(cell: number, value: number): void;
}

export interface Trigger {
  /** Numbers that it keeps for each key and window; they begin at 0. */
  readonly cells: number;
  /** A record came into the window, and is in it already. */
  onElement(pane: TriggerPane, timeMs: number): TriggerResult;
  /** The timer is unset before the call, and may be set again. */
  onEventTime?(pane: TriggerPane, timeMs: number): TriggerResult;
  onProcessingTime?(pane: TriggerPane, timeMs: number): TriggerResult;
  /** Sessions grow together: `from` goes into `into`. A trigger without it cannot be one of sessions. */
  merge?(into: TriggerPane, from: TriggerPane): void;
}

/** At the window's end, and again for each late record that is still allowed. The default of event time. */
export const onEventTime: Trigger = {
  cells: 0,
  onElement(pane) {
    if (pane.windowEndMs <= pane.watermarkMs) return "fire";
    pane.eventTimerMs = pane.windowEndMs;
    return "continue";
  },
  onEventTime: (pane, timeMs) => (timeMs === pane.windowEndMs ? "fire" : "continue"),
  merge: () => undefined,
};

/** At the window's end by the wall clock. The default of processing time. */
export const onProcessingTime: Trigger = {
  cells: 0,
  onElement(pane) {
    pane.processingTimerMs = pane.windowEndMs;
    return "continue";
  },
  onProcessingTime: () => "fire",
  merge: () => undefined,
};

/** After every so many records. */
export function onCount(count: number): Trigger {
  checkWhole("the count of a trigger", count, 1);
  return {
    cells: 1,
    onElement(pane) {
      const seen = pane.get(0) + 1;
      pane.set(0, seen >= count ? 0 : seen);
      return seen >= count ? "fire" : "continue";
    },
    merge: (into, from) => into.set(0, into.get(0) + from.get(0)),
  };
}

/** In event time at every multiple of the interval, and at the window's end. */
export function everyEventTime(intervalMs: number): Trigger {
  checkWhole("the interval of a trigger", intervalMs, 1);
  const next = (pane: TriggerPane, afterMs: number) =>
    Math.min((Math.floor(afterMs / intervalMs) + 1) * intervalMs, pane.windowEndMs);
  return {
    cells: 0,
    onElement(pane, timeMs) {
      if (pane.windowEndMs <= pane.watermarkMs) return "fire";
      if (pane.eventTimerMs === Number.POSITIVE_INFINITY) {
        pane.eventTimerMs = next(pane, Math.max(timeMs, pane.watermarkMs));
      }
      return "continue";
    },
    onEventTime(pane, timeMs) {
      // What has passed at one go, fires once.
      if (timeMs < pane.windowEndMs && pane.watermarkMs < Number.POSITIVE_INFINITY) {
        pane.eventTimerMs = next(pane, Math.max(timeMs, pane.watermarkMs));
      } else if (timeMs < pane.windowEndMs) pane.eventTimerMs = pane.windowEndMs;
      return "fire";
    },
    merge(into, from) {
      into.eventTimerMs = Math.min(into.eventTimerMs, from.eventTimerMs);
    },
  };
}

/** By the wall clock at every multiple of the interval, as long as the window is there. */
export function everyProcessingTime(intervalMs: number): Trigger {
  checkWhole("the interval of a trigger", intervalMs, 1);
  const next = (afterMs: number) => (Math.floor(afterMs / intervalMs) + 1) * intervalMs;
  return {
    cells: 0,
    onElement(pane) {
      if (pane.processingTimerMs === Number.POSITIVE_INFINITY) pane.processingTimerMs = next(pane.nowMs);
      return "continue";
    },
    onProcessingTime(pane) {
      pane.processingTimerMs = next(pane.nowMs);
      return "fire";
    },
    merge(into, from) {
      into.processingTimerMs = Math.min(into.processingTimerMs, from.processingTimerMs);
    },
  };
}

/** As another trigger, but what has fired is forgotten. */
export function purging(trigger: Trigger): Trigger {
  const purge = (result: TriggerResult): TriggerResult => (result === "fire" ? "fire-and-purge" : result);
  return {
    cells: trigger.cells,
    onElement: (pane, timeMs) => purge(trigger.onElement(pane, timeMs)),
    onEventTime: (pane, timeMs) => purge(trigger.onEventTime?.(pane, timeMs) ?? "continue"),
    onProcessingTime: (pane, timeMs) => purge(trigger.onProcessingTime?.(pane, timeMs) ?? "continue"),
    ...(trigger.merge ? { merge: (into, from) => trigger.merge!(into, from) } : {}),
  };
}

/** What a trigger that never comes to an end is refused with. */
export function withoutEnd(timeMs: number, nextMs: number): EngineError {
  return new EngineError(
    "bad-trigger",
    `a trigger that was called at ${timeMs} set its timer to ${nextMs}, and would be called forever`,
    "set a timer to a later time than the one that it answers to",
    2,
  );
}
