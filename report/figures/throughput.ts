/** What configurations sustained, as measured, beside what each model had said before: by condition and parallelism. */
import type { MstLine } from "../record/lines.ts";
import type { Run } from "../record/read-run.ts";
import { groupsOf, runNames } from "./groups.ts";
import { greatest, least, median } from "./statistics.ts";

export type PredictedThroughput = {
  model: string;
  /** Of the repeats' predictions the median. */
  mst: number;
  low?: number;
  high?: number;
  /** What the model held for the tightest resource. */
  binds?: string;
};

export type ThroughputPoint = {
  parallelism: number;
  nodes: string[];
  shares: number[];
  /** The median of the repeats, and from the lowest end of their intervals to the highest. */
  mst: number;
  low: number;
  high: number;
  repeats: { run: string; mst: number; low?: number; high?: number }[];
  predictions: PredictedThroughput[];
};

export type Throughput = { group: string; points: ThroughputPoint[] };

/** Conditions in which nothing was measured are left out. */
export function throughputOf(runs: readonly Run[]): Throughput[] {
  const nameOf = runNames(runs);
  return groupsOf(runs).flatMap(({ name, runs: members }) => {
    const all = members.flatMap((run) => run.msts.map((line) => ({ run: nameOf(run), line })));
    const points = [...Map.groupBy(all, ({ line }) => configurationKey(line)).values()].map(pointOf);
    points.sort((one, other) => one.parallelism - other.parallelism);
    return points.length > 0 ? [{ group: name, points }] : [];
  });
}

/** The same nodes with the same shares to a thousandth are one configuration, whatever their order. */
function configurationKey({ configuration }: MstLine): string {
  return configuration.seats
    .map(({ node, share }) => `${node}=${share?.toFixed(3)}`)
    .sort()
    .join(" ");
}

function pointOf(measured: readonly { run: string; line: MstLine }[]): ThroughputPoint {
  const lines = measured.map(({ line }) => line);
  const { seats } = lines[0]!.configuration;
  return {
    parallelism: seats.length,
    nodes: seats.map(({ node }) => node),
    shares: seats.map(({ share }) => share ?? Number.NaN),
    mst: median(lines.map(({ mst }) => mst))!,
    low: least(lines.map(({ mst, low }) => low ?? mst))!,
    high: greatest(lines.map(({ mst, high }) => high ?? mst))!,
    repeats: measured.map(({ run, line: { mst, low, high } }) => ({
      run,
      mst,
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
    })),
    predictions: predictionsOf(lines),
  };
}

function predictionsOf(lines: readonly MstLine[]): PredictedThroughput[] {
  const all = lines.flatMap(({ predictions }) => Object.entries(predictions));
  return [...Map.groupBy(all, ([model]) => model)].map(([model, told]) => {
    const predictions = told.map(([, prediction]) => prediction);
    const low = median(predictions.flatMap((each) => each.low ?? []));
    const high = median(predictions.flatMap((each) => each.high ?? []));
    const binds = predictions.find((each) => each.binds?.text)?.binds?.text;
    return {
      model,
      mst: median(predictions.map(({ mst }) => mst))!,
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
      ...(binds === undefined ? {} : { binds }),
    };
  });
}
