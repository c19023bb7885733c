/** Starting points for tests: a pair of which nothing is asked, and a flow of probes that all came at once. */
import type { Asked } from "./asked.ts";
import type { FlowResult } from "./prober/job.ts";

export const nothingAsked: Asked = {
  cut: false,
  delayMs: 0,
  lossRatio: 0,
  lossClustering: 1,
  duplicateRatio: 0,
  corruptRatio: 0,
  reorders: false,
  serialisationMsPerByte: 0,
};

export function flowOf(delayMs: number, changes: Partial<FlowResult> = {}, spread = 0): FlowResult {
  const count = changes.arrived ?? changes.sent ?? 100;
  const oneWayMs = { count, mean: delayMs, spread, median: delayMs, p1: delayMs, p99: delayMs };
  return { sent: count, arrived: count, duplicates: 0, corrupted: 0, overtaken: 0, oneWayMs, ...changes };
}
