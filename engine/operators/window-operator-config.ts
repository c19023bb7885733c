/** What a general window is told: the kind of window, its trigger, and what is made of a window's records. */
import { EngineError } from "../engine-error.ts";
import type { Cursor } from "../records/cursor.ts";
import { type Fields, type Schema, schema } from "../records/schema.ts";
import type { WindowSpec } from "../time/window-spec.ts";
import type { AggregateSpec } from "./aggregates/aggregate-spec.ts";
import type { Emitter } from "./emitter.ts";
import type { SideFields, SideOutputs } from "./process/functions.ts";
import { onCount, onEventTime, onProcessingTime, purging, type Trigger } from "./trigger.ts";
import { windowAggregateOutput } from "./window-aggregate-config.ts";

export type WindowInfo<Sides extends SideFields = SideFields> = SideOutputs<Sides> & {
  /** -Infinity and Infinity for a window for all time, or of a count. */
  readonly startMs: number;
  readonly endMs: number;
  readonly watermarkMs: number;
  readonly nowMs: number;
};

/** All records of one key and window, in the order of their arrival. They can be gone through more than once. */
export interface WindowRows extends Iterable<Cursor> {
  readonly count: number;
}

export type WindowContents =
  | { readonly is: "aggregates"; readonly aggregates: readonly AggregateSpec[] }
  | {
      readonly is: "rows";
      readonly output: Fields;
      readonly sides?: Readonly<Record<string, Schema>>;
      readonly process: (rows: WindowRows, window: WindowInfo, out: Emitter) => void;
    };

export type WindowOperatorConfig = {
  readonly input: Schema;
  readonly key: string;
  readonly window: WindowSpec;
  readonly contents: WindowContents;
  /** By default: at the end of a window of time, never for one of all time. */
  readonly trigger?: Trigger;
  readonly latenessMs?: number;
  readonly late?: boolean;
};

export function hasBounds({ is }: WindowSpec): boolean {
  return is !== "global" && is !== "count";
}

/** Aggregates: the key, when the window starts and ends if it does, and their columns. Rows: what the function says. */
export function windowOperatorOutput({ input, key, window, contents }: WindowOperatorConfig): Schema {
  return contents.is === "rows"
    ? schema(contents.output)
    : windowAggregateOutput({ input, key, aggregates: contents.aggregates }, hasBounds(window));
}

/** After how many records a count slides, where it does not begin anew each time. */
export function slideOf({ window }: Pick<WindowOperatorConfig, "window">): number | undefined {
  if (window.is !== "count") return undefined;
  return window.slide === window.size ? undefined : window.slide;
}

const never: Trigger = { cells: 0, onElement: () => "continue" };

export function triggerOf({ window, trigger }: WindowOperatorConfig): Trigger {
  if (window.is === "count") {
    if (trigger) {
      throw new EngineError(
        "bad-window",
        "a window of a count has a trigger of its own",
        "take a global window with that trigger, or leave the trigger out",
        2,
      );
    }
    const slide = slideOf({ window });
    return slide === undefined ? purging(onCount(window.size)) : onCount(slide);
  }
  if (window.is === "session" && trigger && !trigger.merge) {
    throw new EngineError(
      "bad-window",
      "sessions grow together, and this trigger has no merge",
      "give the trigger a merge, which may do nothing",
      2,
    );
  }
  if (trigger) return trigger;
  if (window.is === "global") return never;
  return window.is === "processing-tumbling" ? onProcessingTime : onEventTime;
}
