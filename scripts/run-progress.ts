/** What a run says of itself while it goes on, in one line. Pure. */
import type { LiveStatus } from "#lab/run/live-status.ts";

/** Where in the sweep: `2/9 far-25ms.1`. */
export function liveLine(status: LiveStatus, where: string): string {
  const { atMs, doing, asked, taken, predicted, nodes, sourceBackpressured, lagMs, checkpoint } = status;
  const rate = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`${name} ${short(value)}/s`];
  const parts = [
    `${where} ${clock(atMs)} ${doing}`,
    ...rate("asked", asked),
    ...rate("taken", taken),
    ...rate("predicted", predicted),
    ...(nodes === undefined ? [] : [`${nodes.length} on ${nodesText(nodes)}`]),
    ...(sourceBackpressured === undefined ? [] : [`held up ${Math.round(sourceBackpressured * 100)} %`]),
    ...(lagMs === undefined ? [] : [`lag ${duration(lagMs)}`]),
    ...(checkpoint === undefined
      ? []
      : [`checkpoint ${checkpoint.number} ${duration(checkpoint.durationMs)}`]),
    ...(status.leftMs === undefined ? [] : [`${clock(status.leftMs)} left`]),
  ];
  return parts.join(" · ");
}

/** No longer than a terminal is wide: a line that wraps cannot be rewritten. */
export function fitted(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

const nodesShown = 4;

function nodesText(nodes: readonly string[]): string {
  const shown = nodes.slice(0, nodesShown).join(", ");
  return nodes.length > nodesShown ? `${shown}, …` : shown;
}

export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return value.toFixed(0);
}

function duration(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(0)} s` : `${ms.toFixed(0)} ms`;
}

export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
