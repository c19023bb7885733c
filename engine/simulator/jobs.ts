/**
 * The shapes of jobs that are simulated, each beside a plain computation of what it must write: lines as JSON, in any
 * order. The keyed counts prove the order of each key's records, since a count beside its record's number is written.
 */
import { count, sum } from "../dataflow/aggregates.ts";
import type { Flow } from "../dataflow/flow.ts";
import { session, sliding, tumbling } from "../dataflow/windows.ts";
import { value } from "../operators/process/state-specs.ts";
import { fileSink } from "../sinks/file.ts";
import { type ReplaySettings, replaySource } from "./replay-source.ts";
import { disorderMs, type SimulatedRow } from "./rows.ts";

export const resultsFolder = "out";

export type JobInput = Omit<ReplaySettings, "rows"> & {
  readonly left: readonly SimulatedRow[];
  readonly right: readonly SimulatedRow[];
};

export type SimulatedJob = {
  build(flow: Flow, input: JobInput): void;
  /** The lines that it must write. */
  expected(left: readonly SimulatedRow[], right: readonly SimulatedRow[]): object[];
};

const grace = `${disorderMs}ms`;
const sink = fileSink({ folder: resultsFolder });

const left = (flow: Flow, { left: rows, batchRows, restMs }: JobInput) =>
  flow.source(replaySource({ rows, batchRows, restMs })).id("left");
const right = (flow: Flow, { right: rows, batchRows, restMs }: JobInput) =>
  flow.source(replaySource({ rows, batchRows, restMs })).id("right");

/** How many records of its key came before each. */
const keyedCount: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .keyBy("key")
      .process({
        output: { key: "int32", number: "integer", count: "integer" },
        state: { seen: value({ count: "integer" }) },
        onRow: (row, { state }, out) => {
          state.seen.count += 1;
          out.emit({ key: row.key, number: row.number, count: state.seen.count });
        },
      })
      .sink(sink);
  },
  expected(rows) {
    const seen = new Map<number, number>();
    return rows.map(({ key, number }) => {
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return { key, number, count: seen.get(key)! };
    });
  },
};

/** Two keyed operators behind each other, so that barriers pass more than one exchange. */
const twiceKeyed: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .keyBy("key")
      .aggregate({
        accumulator: { count: "integer" },
        output: { key: "int32", count: "integer", half: "int32" },
        add: (kept) => {
          kept.count += 1;
        },
        result: (kept, key) => ({ key, count: kept.count, half: Math.floor(key / 2) }),
      })
      .keyBy("half")
      .aggregate({
        accumulator: { count: "integer", sum: "integer" },
        output: { half: "int32", count: "integer" },
        add: (kept, row) => {
          kept.count += 1;
          kept.sum += row.count;
        },
        result: (kept, half) => ({ half, count: kept.count }),
      })
      .sink(sink);
  },
  expected(rows) {
    const seen = new Map<number, number>();
    return rows.map(({ key }) => {
      const half = Math.floor(key / 2);
      seen.set(half, (seen.get(half) ?? 0) + 1);
      return { half, count: seen.get(half)! };
    });
  },
};

function windowed(sizeMs: number, slideMs: number): SimulatedJob {
  const window = sizeMs === slideMs ? tumbling(`${sizeMs}ms`) : sliding(`${sizeMs}ms`, `${slideMs}ms`);
  return {
    build(flow, input) {
      left(flow, input)
        .assignTimestamps("time", { grace })
        .keyBy("key")
        .window(window)
        .aggregate(count("count"), sum("number", "sum"))
        .sink(sink);
    },
    expected(rows) {
      const windows = new Map<
        string,
        { key: number; windowStart: number; windowEnd: number; count: number; sum: number }
      >();
      for (const { key, number, timeMs } of rows) {
        for (const windowStart of windowsOf(timeMs, sizeMs, slideMs)) {
          const id = `${key} ${windowStart}`;
          const found = windows.get(id) ?? {
            key,
            windowStart,
            windowEnd: windowStart + sizeMs,
            count: 0,
            sum: 0,
          };
          found.count += 1;
          found.sum += number;
          windows.set(id, found);
        }
      }
      return [...windows.values()];
    },
  };
}

function windowsOf(timeMs: number, sizeMs: number, slideMs: number): number[] {
  const starts: number[] = [];
  for (let start = Math.floor(timeMs / slideMs) * slideMs; start > timeMs - sizeMs; start -= slideMs)
    starts.push(start);
  return starts;
}

const joinMs = 40;

/** Pairs of both sides with the same key and window. */
const windowJoin: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .assignTimestamps("time", { grace })
      .join(
        right(flow, input)
          .selectAs({ rightKey: "key", other: "number", rightTime: "time" })
          .assignTimestamps("rightTime", { grace }),
      )
      .where("key")
      .equalTo("rightKey")
      .window(tumbling(`${joinMs}ms`))
      .select({ left: ["key", "number"], right: ["other"] })
      .sink(sink);
  },
  expected(leftRows, rightRows) {
    return leftRows.flatMap(({ key, number, timeMs }) =>
      rightRows
        .filter((other) => other.key === key && windowOf(other.timeMs) === windowOf(timeMs))
        .map((other) => ({ key, number, other: other.number })),
    );
  },
};

const windowOf = (timeMs: number) => Math.floor(timeMs / joinMs);

const gapMs = 15;

/** Sessions grow, and merge, by records that come out of order. */
const sessionCount: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .assignTimestamps("time", { grace })
      .keyBy("key")
      .window(session(`${gapMs}ms`))
      .aggregate(count("count"), sum("number", "sum"))
      .sink(sink);
  },
  expected(rows) {
    const sessions: { key: number; windowStart: number; windowEnd: number; count: number; sum: number }[] =
      [];
    for (const { key, number, timeMs } of rows.toSorted((one, other) => one.timeMs - other.timeMs)) {
      const open = sessions.findLast((each) => each.key === key && timeMs < each.windowEnd);
      if (open === undefined) {
        sessions.push({ key, windowStart: timeMs, windowEnd: timeMs + gapMs, count: 1, sum: number });
      } else {
        open.windowEnd = timeMs + gapMs;
        open.count += 1;
        open.sum += number;
      }
    }
    return sessions;
  },
};

const nearMs = 12;

/** Pairs of both sides with the same key that are not far apart. */
const intervalJoin: SimulatedJob = {
  build(flow, input) {
    const other = right(flow, input)
      .selectAs({ rightKey: "key", other: "number", rightTime: "time" })
      .assignTimestamps("rightTime", { grace });
    left(flow, input)
      .assignTimestamps("time", { grace })
      .keyBy("key")
      .intervalJoin(other.keyBy("rightKey"))
      .between(`-${nearMs}ms`, `${nearMs}ms`)
      .select({ left: ["key", "number"], right: ["other"] })
      .sink(sink);
  },
  expected(leftRows, rightRows) {
    return leftRows.flatMap(({ key, number, timeMs }) =>
      rightRows
        .filter((other) => other.key === key && Math.abs(other.timeMs - timeMs) <= nearMs)
        .map((other) => ({ key, number, other: other.number })),
    );
  },
};

/** A timer for each record: what has come by then is written. */
const timerCount: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .assignTimestamps("time", { grace })
      .keyBy("key")
      .process({
        output: { key: "int32", timer: "timestamp", count: "integer" },
        state: { fired: value({ count: "integer" }) },
        onRow: (row, { timers }) => timers.event(row.time + 5),
        onTimer: (timeMs, { key, state }, out) => {
          state.fired.count += 1;
          out.emit({ key, timer: timeMs, count: state.fired.count });
        },
      })
      .sink(sink);
  },
  expected(rows) {
    const byKey = Map.groupBy(rows, ({ key }) => key);
    return [...byKey].flatMap(([key, own]) =>
      [...new Set(own.map(({ timeMs }) => timeMs + 5))]
        .sort((one, other) => one - other)
        .map((timer, index) => ({ key, timer, count: index + 1 })),
    );
  },
};

/** Two sources into one keyed operator; which comes first is open, how many there are is not. */
const unionCount: SimulatedJob = {
  build(flow, input) {
    left(flow, input)
      .union(right(flow, input))
      .rebalance()
      .map({ key: "int32" }, (row, out) => {
        out.key = row.key;
      })
      .keyBy("key")
      .aggregate({
        accumulator: { count: "integer" },
        output: { key: "int32", count: "integer" },
        add: (kept) => {
          kept.count += 1;
        },
        result: (kept, key) => ({ key, count: kept.count }),
      })
      .sink(sink);
  },
  expected(leftRows, rightRows) {
    const seen = new Map<number, number>();
    return [...leftRows, ...rightRows].map(({ key }) => {
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return { key, count: seen.get(key)! };
    });
  },
};

export const simulatedJobs: Readonly<Record<string, SimulatedJob>> = {
  "keyed-count": keyedCount,
  "twice-keyed": twiceKeyed,
  "tumbling-count": windowed(50, 50),
  "sliding-count": windowed(60, 20),
  "window-join": windowJoin,
  "session-count": sessionCount,
  "interval-join": intervalJoin,
  "timer-count": timerCount,
  "union-count": unionCount,
};
