/** What a running job says of itself, in lines. Pure. */
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";

type Reading = { readonly atMs: number; readonly records: number };

/** undefined for what happens all the time. */
export function eventLine(event: CoordinatorEvent): string | undefined {
  switch (event.event) {
    case "moved":
      return `${event.from} → ${event.to}${event.because === "" ? "" : `: ${event.because}`}`;
    case "worker-lost":
      return `worker ${event.worker} is lost: ${event.because}`;
    case "worker-refused":
      return `worker ${event.worker} is refused: ${event.because}`;
    case "attempt":
      return event.restore === undefined ? undefined : `attempt ${event.attempt} from ${event.restore}`;
    case "checkpoint-failed":
      return `checkpoint ${event.checkpoint} failed: ${event.because}`;
    case "store-trouble":
      return `store, ${event.doing}: ${event.because}`;
    default:
      return undefined;
  }
}

export function progressLine(status: CoordinatorStatus, before: Reading, now: Reading): string {
  const rate = Math.max(0, (now.records - before.records) / ((now.atMs - before.atMs) / 1000));
  const { completed, failed } = status.checkpointCounts;
  const trouble = failed > 0 ? `, ${failed} failed` : "";
  return `${status.state}: ${now.records} records, ${short(rate)}/s; ${completed} checkpoints${trouble}`;
}

function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : value.toFixed(0);
}

type Figures = {
  readonly subtasks?: readonly {
    readonly operators: readonly { readonly recordsIn: number; readonly recordsOut: number }[];
  }[];
};

/** What the sources have read in this attempt, as far as the workers have told: what takes nothing in is a source. */
export function recordsRead({ metrics, attempt }: CoordinatorStatus): number {
  let records = 0;
  for (const worker of Object.values(metrics)) {
    if (worker.attempt !== attempt) continue;
    for (const { operators } of (worker.metrics as Figures).subtasks ?? []) {
      for (const { recordsIn, recordsOut } of operators) if (recordsIn === 0) records += recordsOut;
    }
  }
  return records;
}
