/** Targets of rescales that failed: not tried again at once, and after each further failure later. */
import type { Outcome } from "./policy.ts";
import { nameOf } from "./seats.ts";

const againAfterMs = 60_000;
const longestMs = 600_000;

/** Names of configurations, with the moment from which each may be tried again. */
export function failedLately(outcomes: readonly Outcome[], nowMs: number): ReadonlyMap<string, number> {
  const failures = new Map<string, { count: number; lastMs: number }>();
  for (const { is, to, atMs } of outcomes) {
    const name = nameOf(to);
    if (is === "done") failures.delete(name);
    else failures.set(name, { count: (failures.get(name)?.count ?? 0) + 1, lastMs: atMs });
  }
  const again = new Map<string, number>();
  for (const [name, { count, lastMs }] of failures) {
    const againMs = lastMs + Math.min(longestMs, againAfterMs * 2 ** (count - 1));
    if (nowMs < againMs) again.set(name, againMs);
  }
  return again;
}
