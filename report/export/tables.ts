/** A run's record as tidy tables: one row for each thing observed, one column for each of its figures, runs one below another. */
import { namedShares } from "../figures/latency.ts";
import { overTime, quantile } from "../record/histogram.ts";
import type { Configuration } from "../record/lines.ts";
import type { Run } from "../record/read-run.ts";

export type Value = string | number | boolean | undefined;
type Row = Readonly<Record<string, Value>>;
export type ColumnType = "text" | "number" | "boolean";
export type Table = { name: string; columns: { name: string; type: ColumnType }[]; rows: Row[] };

/** Each column with its type, so that a table without rows still has its head. */
const columns = {
  metrics: {
    t: "number",
    state: "text",
    attempt: "number",
    parallelism: "number",
    asked: "number",
    taken: "number",
    lagMs: "number",
    sourceBackpressured: "number",
  },
  seats: {
    t: "number",
    subtask: "number",
    node: "text",
    share: "number",
    in: "number",
    out: "number",
    bytesIn: "number",
    busy: "number",
    backpressured: "number",
    idle: "number",
    stateBytes: "number",
    queuedBytes: "number",
  },
  decisions: {
    t: "number",
    is: "text",
    do: "text",
    fromNodes: "text",
    toNodes: "text",
    toShares: "text",
    because: "text",
    predicted: "number",
    outcome: "text",
    standStillMs: "number",
  },
  /** Of ticks, for what ran then, and of `mst` lines, which have what was measured afterwards, foretold or not. */
  predictions: {
    t: "number",
    is: "text",
    model: "text",
    parallelism: "number",
    nodes: "text",
    mst: "number",
    low: "number",
    high: "number",
    binds: "text",
    measured: "number",
    measuredLow: "number",
    measuredHigh: "number",
    error: "number",
  },
  checkpoints: {
    t: "number",
    checkpoint: "number",
    kind: "text",
    outcome: "text",
    because: "text",
    startedT: "number",
    durationMs: "number",
    bytes: "number",
    alignmentMs: "number",
  },
  network: {
    t: "number",
    from: "text",
    to: "text",
    estimatedMs: "number",
    lowMs: "number",
    highMs: "number",
    measuredMs: "number",
  },
  latency: {
    t: "number",
    fromT: "number",
    attempt: "number",
    count: "number",
    ...(Object.fromEntries(Object.keys(namedShares).map((name) => [`${name}Ms`, "number"])) as Record<
      string,
      "number"
    >),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ColumnType>>>>;

export type TableName = keyof typeof columns;
export const tableNames = Object.keys(columns) as TableName[];

export function tablesOf(runs: readonly Run[]): Table[] {
  return tableNames.map((name) => ({
    name,
    columns: [
      ...["experiment", "run", "condition", "record"].map((column) => ({
        name: column,
        type: "text" as const,
      })),
      ...Object.entries(columns[name]).map(([column, type]) => ({ name: column, type })),
    ],
    rows: runs.flatMap((run) => {
      const { experiment, condition, folder: record } = run;
      const whose = { experiment, run: run.run, condition, record };
      return rowsOf[name](run).map((row) => ({ ...whose, ...row }));
    }),
  }));
}

const nodesOf = (configuration: Configuration | undefined) =>
  configuration?.seats.map(({ node }) => node).join(" ");

const rowsOf: Readonly<Record<TableName, (run: Run) => Row[]>> = {
  metrics: ({ metrics }) => metrics.map(({ seats: _, ...row }) => row),
  seats: ({ metrics }) => metrics.flatMap(({ t, seats }) => seats.map((seat) => ({ t, ...seat }))),
  decisions: ({ ticks, outcomes }) =>
    [
      ...ticks.flatMap(({ t, configuration, decision }): (Row & { t: number })[] => {
        if (!decision) return [];
        const { do: what, to, because, predicted } = decision;
        const toShares = to?.seats.map(({ share }) => share).join(" ");
        const places = { fromNodes: nodesOf(configuration), toNodes: nodesOf(to), toShares };
        return [{ t, is: "tick", do: what, ...places, because, predicted: predicted?.mst }];
      }),
      ...outcomes.map(({ t, from, to, outcome, because, standStillMs }) => {
        const places = { fromNodes: nodesOf(from), toNodes: nodesOf(to) };
        return { t, is: "outcome", ...places, because, outcome, standStillMs };
      }),
    ].sort((one, other) => one.t - other.t),
  predictions: (run) => [
    ...run.ticks.flatMap(({ t, configuration, predictions }) =>
      Object.entries(predictions).map(([model, { mst, low, high, binds }]) => {
        const what = { parallelism: configuration?.seats.length, nodes: nodesOf(configuration) };
        return { t, is: "tick", model, ...what, mst, low, high, binds: binds?.text };
      }),
    ),
    ...run.msts.flatMap((line) => {
      const what = { parallelism: line.configuration.seats.length, nodes: nodesOf(line.configuration) };
      const measured = { measured: line.mst, measuredLow: line.low, measuredHigh: line.high };
      const common = { t: line.t, is: "mst", ...what, ...measured };
      const predictions = Object.entries(line.predictions);
      // The first that was measured nobody can have foretold.
      if (predictions.length === 0) return [common];
      return predictions.map(([model, { mst, low, high, binds }]) => {
        const error = line.mst > 0 ? (mst - line.mst) / line.mst : undefined;
        return { ...common, model, mst, low, high, binds: binds?.text, error };
      });
    }),
  ],
  checkpoints: ({ checkpoints }) => checkpoints,
  network: ({ rtts }) => rtts.flatMap(({ t, pairs }) => pairs.map((pair) => ({ t, ...pair }))),
  latency: ({ latencies }) =>
    overTime(latencies).map(({ t, fromT, attempt, counts }) => {
      const told = Object.entries(namedShares).map(([name, share]) => [`${name}Ms`, quantile(counts, share)]);
      return { t, fromT, attempt, count: counts.count, ...(Object.fromEntries(told) as Row) };
    }),
};
