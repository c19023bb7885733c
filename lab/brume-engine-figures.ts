/** From what workers tell of themselves to the figures that every engine tells. Pure. */
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { EngineSubtask } from "#engine/engine.ts";
import type { HistogramJson } from "#engine/metrics/histogram.ts";
import type { SubtaskFigures, WorkerFigures } from "#engine/runtime/worker-metrics.ts";

/** Of the attempt that runs; what a worker told of an earlier one does not count. */
export function engineSubtasks({ metrics, attempt }: CoordinatorStatus): EngineSubtask[] {
  return Object.entries(metrics).flatMap(([worker, told]) =>
    told.attempt === attempt
      ? (told.metrics as WorkerFigures).subtasks.map((figures) => subtaskOf(worker, told.atMs, figures))
      : [],
  );
}

function subtaskOf(worker: string, atMs: number, figures: SubtaskFigures): EngineSubtask {
  const { subtask, operators, occupationMs, rowsSent, bytesSent } = figures;
  const [head, last] = [operators[0]!, operators.at(-1)!];
  const { lagMs } = head.own as { lagMs?: number };
  const { latency } = last.own as { latency?: HistogramJson };
  const endsHere = rowsSent === 0 && last !== head;
  return {
    ...{ operators: operators.map(({ id }) => id), subtask, worker, atMs, isSource: head.isSource },
    recordsIn: head.isSource ? head.recordsOut : head.recordsIn,
    // What a sink takes leaves the job, though not to another subtask.
    recordsOut: head.isSource ? head.recordsOut : endsHere ? last.recordsIn : rowsSent,
    bytesIn: figures.bytesReceived,
    bytesOut: bytesSent,
    busyMs: occupationMs.busy,
    backpressuredMs: occupationMs.backpressured,
    idleMs: occupationMs.idle,
    stateBytes: operators.reduce((sum, { stateBytes }) => sum + stateBytes, 0),
    queuedBytes: figures.queuedInBytes,
    ...(lagMs === undefined ? {} : { lagMs }),
    ...(latency === undefined ? {} : { latency }),
  };
}
