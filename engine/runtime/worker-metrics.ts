/** The figures of a worker, as it tells them about once a second. All counts are since the attempt's start. */
import type { SubtaskId } from "./messages.ts";
import type { Occupation } from "./subtask-times.ts";
import type { Deployed, WorkerAttempt } from "./worker-attempt.ts";

export type OperatorFigures = {
  readonly id: string;
  readonly name: string;
  readonly isSource: boolean;
  /** Of a source: what it was polled for. */
  readonly batchesIn: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly selfMs: number;
  /** Bucket b: records that took up to 2^b ns, with all that their batch set off. Empty ones at the end are left out. */
  readonly processingNs: readonly number[];
  readonly stateBytes: number;
  readonly stateKeys: number;
  /** What the operator counts itself. */
  readonly own: Readonly<Record<string, unknown>>;
};

export type SubtaskFigures = SubtaskId & {
  readonly name: string;
  readonly state: string;
  readonly occupationMs: Readonly<Record<Occupation, number>>;
  /** Null before the first. */
  readonly watermarkMs: number | null;
  readonly rowsSent: number;
  readonly bytesSent: number;
  readonly rowsReceived: number;
  readonly bytesReceived: number;
  readonly queuedInBytes: number;
  readonly waitingOutBytes: number;
  readonly operators: readonly OperatorFigures[];
  /** By channel, which is called as the subtask that it leads to: `2-0` is subtask 0 of task 2. */
  readonly outputs: readonly {
    readonly channel: string;
    readonly rows: number;
    readonly bytes: number;
    /** So long it has held things back, for want of credit. */
    readonly blockedMs: number;
  }[];
};

export type WorkerFigures = {
  readonly queuedBytes: number;
  readonly subtasks: readonly SubtaskFigures[];
  /** Of connections that records come in by. */
  readonly links: readonly {
    /** The worker that sends. */
    readonly name: string;
    /** There and back without queues; 0 while nobody knows. */
    readonly rttMs: number;
    /** What all channels of it together may have on the way and in queues. */
    readonly windowBytes: number;
  }[];
};

export function workerFigures(attempt: WorkerAttempt | undefined): WorkerFigures {
  if (attempt === undefined) return { queuedBytes: 0, subtasks: [], links: [] };
  const subtasks = attempt.deployed.map(subtaskFigures);
  const queuedBytes = subtasks.reduce((sum, one) => sum + one.queuedInBytes + one.waitingOutBytes, 0);
  return {
    queuedBytes,
    subtasks,
    links: [...attempt.links.incoming()].map(([name, { rttMs, windowBytes }]) => ({
      name,
      rttMs,
      windowBytes,
    })),
  };
}

function subtaskFigures({ id, name, subtask, states }: Deployed): SubtaskFigures {
  const { chain, inputs, outputs, times, state } = subtask;
  const channels = outputs.flatMap((gate) => gate.channels);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    ...id,
    name,
    state,
    occupationMs: { ...times.ms },
    watermarkMs: Number.isFinite(chain.watermarkMs) ? chain.watermarkMs : null,
    rowsSent: sum(channels.map(({ rowsSent }) => rowsSent)),
    bytesSent: sum(channels.map(({ bytesSent }) => bytesSent)),
    rowsReceived: sum(inputs?.channels.map(({ rowsReceived }) => rowsReceived) ?? []),
    bytesReceived: sum(inputs?.channels.map(({ bytesReceived }) => bytesReceived) ?? []),
    queuedInBytes: inputs?.queuedBytes ?? 0,
    waitingOutBytes: sum(channels.map(({ waitingBytes }) => waitingBytes)),
    outputs: outputs.flatMap((gate) =>
      gate.channels.map(({ channel: { edge, to }, rowsSent, bytesSent }, at) => ({
        channel: `${edge.to.task}-${to}`,
        ...{ rows: rowsSent, bytes: bytesSent, blockedMs: gate.blockedMs(at) },
      })),
    ),
    operators: chain.nodes.map(({ metrics, machine, source }) => ({
      id: metrics.id,
      name: metrics.name,
      isSource: source !== undefined,
      batchesIn: metrics.batchesIn,
      recordsIn: metrics.recordsIn,
      recordsOut: metrics.recordsOut,
      selfMs: metrics.selfMs,
      processingNs: [
        ...metrics.processingNs.subarray(0, 1 + metrics.processingNs.findLastIndex((n) => n > 0)),
      ],
      stateBytes: states.get(metrics.id)!.memoryBytes,
      stateKeys: states.get(metrics.id)!.keyCount,
      own: (source ?? machine)?.metrics?.() ?? {},
    })),
  };
}
