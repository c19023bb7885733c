/** `./brume bench nexmark`: how many events a second the engine takes through Nexmark's queries and the built-in jobs. */
import { runBounded } from "#engine/bench/bounded-run.ts";
import { machine, machineLine } from "#engine/bench/machine.ts";
import { runPreloaded } from "#engine/bench/preloaded-run.ts";
import { builtInJobs } from "#engine/jobs/registry.ts";
import { count } from "#engine/units.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { alignmentOf } from "./job-request.ts";
import { table } from "./table.ts";

type Row = {
  query: string;
  events: number;
  parallelism: number;
  seconds: number;
  cpuSeconds: number;
  eventsPerSecond: number;
  peakRssBytes: number;
};

/** `map` and `join` are not Nexmark's. */
const jobOf = (query: string): string =>
  query === "map" ? "map" : query === "join" ? "nexmark-join" : `nexmark-${query}`;
const queryNames = [
  ...Object.keys(builtInJobs).flatMap((name) => /^nexmark-(q\d+)$/.exec(name)?.[1] ?? []),
  ...["map", "join"],
];
const defaultQueries = "q0,q1,q2,q5,q7,q8,map,join";

export const benchNexmark: Benchmark = {
  name: "nexmark",
  summary: "events a second through Nexmark's queries, `map` and `join`",
  options: {
    queries: {
      type: "string",
      value: "Q,...",
      help: `q0 to q9, q11, q12, map, join (default ${defaultQueries})`,
    },
    events: { type: "string", value: "N", help: "how many, such as 20M (default 20M)" },
    parallelism: { type: "string", value: "N", help: "slots, each a worker process (default 1)" },
    runs: { type: "string", value: "N", help: "runs of each query, by turns; the median counts (default 1)" },
    align: {
      type: "string",
      value: "TIME",
      help: "no source gets further ahead of the slowest, in event time; none: as far as it can (default: as sources say)",
    },
    "in-memory": {
      type: "boolean",
      help: "events are made before, and the query runs in one thread: what it costs without its source",
    },
  },
  examples: [
    ["./brume bench nexmark --queries q2,q5 --events 20M", "two queries on one slot, generator included"],
    ["./brume bench nexmark --in-memory --events 5M", "the queries alone"],
  ],
  async run(args, output) {
    const queries = (args.text("queries") ?? defaultQueries).split(",");
    for (const query of queries) {
      if (!queryNames.includes(query))
        throw usageError(`--queries ${query}: there is no such query`, `one of: ${queryNames.join(", ")}`);
    }
    const events = count(args.text("events") ?? "20M");
    if (events === 0) throw usageError("--events 0: without end", "--events 20M, or another number");
    const parallelism = args.count("parallelism", 1, 1);
    const runs = args.count("runs", 1, 1);
    const inMemory = args.flag("in-memory");
    const runtime = alignmentOf(args);
    if (inMemory && parallelism > 1)
      throw usageError("--in-memory runs in one thread", "leave --parallelism out");
    const on = machine();
    const found = new Map<string, Row[]>(queries.map((query) => [query, []]));
    await interruptible(async (signal) => {
      for (let run = 1; run <= runs; run++) {
        for (const query of queries) {
          signal.throwIfAborted();
          output.progress(`${query}, run ${run} of ${runs} ...`);
          found.get(query)!.push(await once(query, signal));
        }
      }
    });
    const rows = [...found.values()].map(median);
    output.result({ machine: on, inMemory, runs, rows }, `${machineLine(on)}\n${report(rows)}`);
    return 0;

    async function once(query: string, signal: AbortSignal): Promise<Row> {
      const settings = { events, ...(jobOf(query).startsWith("nexmark") ? { generators: 1 } : {}) };
      const { seconds, cpuSeconds, peakRssBytes } = inMemory
        ? await runPreloaded(jobOf(query), settings)
        : await runBounded(jobOf(query), settings, parallelism, runtime, signal);
      return {
        ...{ query, events, parallelism, seconds, cpuSeconds },
        ...{ eventsPerSecond: Math.round(events / seconds), peakRssBytes },
      };
    }
  },
};

function median(rows: readonly Row[]): Row {
  const sorted = rows.toSorted((one, other) => one.seconds - other.seconds);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function report(rows: readonly Row[]): string {
  return table(
    ["query", "events", "slots", "seconds", "CPU s", "M events/s", "M events/CPU s", "peak MB"],
    rows.map((row) => [
      row.query,
      `${row.events}`,
      `${row.parallelism}`,
      row.seconds.toFixed(2),
      row.cpuSeconds.toFixed(2),
      (row.eventsPerSecond / 1e6).toFixed(2),
      (row.events / row.cpuSeconds / 1e6).toFixed(2),
      (row.peakRssBytes / 1e6).toFixed(0),
    ]),
  );
}
