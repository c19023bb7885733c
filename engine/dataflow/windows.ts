/** Windows as a job writes them: `tumbling("10s")`. */
import type { WindowSpec } from "../time/window-spec.ts";
import { type Duration, durationMs } from "../units.ts";
import type { OperatorFacts } from "./operator-spec.ts";

/** Sessions and counts have windows of any length. */
export const windowFacts = (window: WindowSpec): OperatorFacts =>
  window.is === "tumbling" || window.is === "sliding" ? { windowMs: window.sizeMs } : {};

type Is<Kind extends WindowSpec["is"]> = Extract<WindowSpec, { is: Kind }>;

type Offset = { readonly offset?: Duration };
const offsetMs = ({ offset }: Offset): { offsetMs?: number } =>
  offset === undefined ? {} : { offsetMs: durationMs(offset) };

/** One behind the other, from 1970 on; `offset` moves them. */
export const tumbling = (size: Duration, offset: Offset = {}): Is<"tumbling"> => ({
  is: "tumbling",
  sizeMs: durationMs(size),
  ...offsetMs(offset),
});

/** A window of this size every `slide`. */
export const sliding = (size: Duration, slide: Duration, offset: Offset = {}): Is<"sliding"> => ({
  is: "sliding",
  sizeMs: durationMs(size),
  slideMs: durationMs(slide),
  ...offsetMs(offset),
});

/** As long as records of the key come closer together than the gap; `gapColumn`: each record has a gap of its own, in ms. */
export const session = (
  gap: Duration,
  { gapColumn }: { readonly gapColumn?: string } = {},
): Is<"session"> => ({
  is: "session",
  gapMs: durationMs(gap),
  ...(gapColumn === undefined ? {} : { gapColumn }),
});

/** One window for all time: a trigger says when it gives a result. */
export const global = (): Is<"global"> => ({ is: "global" });

/** The newest `size` records of the key, every `slide` records. */
export const counted = (size: number, slide = size): Is<"count"> => ({ is: "count", size, slide });

/** Tumbling by the wall clock of the worker, whatever the records' times. */
export const processingTime = (size: Duration, offset: Offset = {}): Is<"processing-tumbling"> => ({
  is: "processing-tumbling",
  sizeMs: durationMs(size),
  ...offsetMs(offset),
});
