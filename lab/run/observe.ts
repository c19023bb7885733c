/** What was read of job, nodes and network at one moment, as the controller sees it and as the record keeps it. Pure. */
import type { NetworkTable } from "#autoscaler/network-view.ts";
import type { CheckpointObservation, Observation, SeatObservation } from "#autoscaler/observation.ts";
import type { EngineCheckpoint } from "#engine/engine.ts";
import type { CheckpointLine, MetricsLine, NodeUse, SeatFigures } from "#lab/records/lines.ts";
import type { JobFigures } from "./job-watch.ts";
import type { NodeWork, Work } from "./warm-spans.ts";

export type Moment = {
  readonly figures: JobFigures;
  /** Of all sources together, in records per second. */
  readonly asked: number | undefined;
  readonly nodes: Readonly<Record<string, NodeUse>>;
};

/** Undefined while no configuration is running: there is nothing to see then. */
export function observationOf(
  { figures, asked, nodes }: Moment,
  atMs: number,
  network: NetworkTable,
): Observation | undefined {
  const { configuration, steadyMs, taken, sourceBackpressured, lagMs, seats, lastCheckpoint } = figures;
  if (configuration === undefined || figures.state !== "running") return undefined;
  const cpu = Object.entries(nodes).flatMap(([name, use]) =>
    use.cpu === undefined ? [] : [[name, use.cpu]],
  );
  return {
    ...{ atMs, configuration, steadyMs, network },
    ...(asked === undefined ? {} : { askedPerSecond: asked }),
    ...(taken === undefined ? {} : { takenPerSecond: taken }),
    ...(sourceBackpressured === undefined ? {} : { sourceBackpressured }),
    ...(lagMs === undefined ? {} : { lagMs }),
    seats: seats.map(seatObservation),
    cpu: Object.fromEntries(cpu) as Record<string, number>,
    ...(lastCheckpoint === undefined ? {} : { checkpoint: checkpointObservation(lastCheckpoint) }),
  };
}

/** What nodes did whose records and processor are known. */
export function workOf({ seats, cpu }: Pick<Observation, "seats" | "cpu">): Work {
  const work: Record<string, NodeWork> = {};
  for (const { node, recordsInPerSecond } of seats) {
    const used = cpu[node];
    if (used === undefined || recordsInPerSecond === undefined) continue;
    work[node] = { records: (work[node]?.records ?? 0) + recordsInPerSecond, cpu: used };
  }
  return work;
}

function seatObservation(seat: SeatFigures): SeatObservation {
  const { subtask: _, in: recordsIn, out: recordsOut, bytesIn, ...same } = seat;
  return {
    ...same,
    ...(recordsIn === undefined ? {} : { recordsInPerSecond: recordsIn }),
    ...(recordsOut === undefined ? {} : { recordsOutPerSecond: recordsOut }),
    ...(bytesIn === undefined ? {} : { bytesInPerSecond: bytesIn }),
  };
}

function checkpointObservation({ durationMs, bytes, alignmentMs }: EngineCheckpoint): CheckpointObservation {
  return { durationMs, bytes, ...(alignmentMs === undefined ? {} : { alignmentMs }) };
}

export function metricsLine({ figures, asked, nodes }: Moment): MetricsLine {
  const { state, attempt, taken, sourceBackpressured, lagMs, seats, sources } = figures;
  return {
    ...{ state, attempt },
    ...(seats.length === 0 ? {} : { parallelism: seats.length }),
    ...(asked === undefined ? {} : { asked }),
    ...(taken === undefined ? {} : { taken }),
    ...(lagMs === undefined ? {} : { lagMs }),
    ...(sourceBackpressured === undefined ? {} : { sourceBackpressured }),
    ...{ seats, sources, nodes },
  };
}

/** `startedT`: since the run's start, as all times of a record. */
export function checkpointLine(
  { triggeredAtMs: _, checkpoint, kind, outcome, ...figures }: EngineCheckpoint,
  startedT: number,
): CheckpointLine {
  return { checkpoint, kind, outcome, startedT: Math.round(startedT), ...figures };
}
