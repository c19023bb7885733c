/**
 * Sessions: a record opens a window from its time to the gap behind it, and windows of a key that overlap are one. A
 * record that comes exactly when a session ends begins another, as the session may have been closed already.
 */
import type { Column } from "../records/batch.ts";
import type { Trigger } from "./trigger.ts";
import { Pane, type PaneContents, type WindowPanes } from "./window-panes.ts";

/**
 * Puts `pane` on the session that takes a record, grown by [startMs, endMs) and together with others that this joins.
 * A record is late when the session it would belong to ends no later than `overMs`.
 */
export function openSession(
  panes: WindowPanes,
  pane: Pane,
  contents: Pick<PaneContents, "merge">,
  trigger: Pick<Trigger, "cells" | "merge">,
  keys: Column,
  row: number,
  startMs: number,
  endMs: number,
  overMs: number,
): "late" | "new" | "known" {
  let first = -1;
  let others: number[] | undefined;
  let least = startMs;
  let most = endMs;
  for (const slot of panes.slots.starts()) {
    if (!panes.find(pane, slot, keys, row)) continue;
    // Against the record's own span: what lies between two sessions joins both, and they do not overlap each other.
    if (pane.windowStartMs >= endMs || pane.windowEndMs <= startMs) continue;
    least = Math.min(least, pane.windowStartMs);
    most = Math.max(most, pane.windowEndMs);
    if (first < 0) first = slot;
    else if (others) others.push(slot);
    else others = [slot];
  }
  if (most <= overMs) return "late";
  if (first < 0) {
    panes.open(pane, panes.freeSlot(keys, row), keys, row, startMs, endMs);
    return "new";
  }
  panes.find(pane, first, keys, row);
  if (others) for (const slot of others) mergeInto(panes, pane, contents, trigger, keys, row, slot);
  pane.windowStartMs = least;
  pane.windowEndMs = most;
  return "known";
}

function mergeInto(
  panes: WindowPanes,
  pane: Pane,
  contents: Pick<PaneContents, "merge">,
  trigger: Pick<Trigger, "cells" | "merge">,
  keys: Column,
  row: number,
  slot: number,
): void {
  const from = new Pane(trigger.cells);
  panes.find(from, slot, keys, row);
  if (from.count > 0) {
    contents.merge(pane, from);
    pane.count += from.count;
  }
  trigger.merge?.(pane, from);
  from.table.deleteRow(from.row);
  if (from.table.rowCount === 0) panes.slots.drop(slot);
}
