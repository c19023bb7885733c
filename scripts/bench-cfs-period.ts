/**
 * `./brume bench cfs-period`: the same requests to the same server under one CPU quota with several periods, beside
 * a core that is slower all the time. Its figures decide the period (docs/decisions/cfs-period.md).
 */
import { arrivals, idealLatencies, tryQueue } from "#testbed/devices/queue-trial.ts";
import { seededRandom } from "#testbed/seeded-random.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";

const periodsMs = [1, 2, 5, 10, 20, 100];
const workMs = 1;
/** Of the quota, by the requests alone; the server's own work comes on top. */
const load = 0.5;
/** Half of the quota is the loop's then. */
const busyLoad = 0.1;
/** The kernel takes no quota below this. */
const leastQuotaMs = 1;

type Quantiles = { p50: number; p90: number; p99: number; max: number };
type Row = { periodMs: number; refused: string } | ({ periodMs: number; usedCores: number } & Quantiles);

export const benchCfsPeriod: Benchmark = {
  name: "cfs-period",
  summary: "latency under a CPU quota, by the length of its period",
  options: {
    cores: { type: "string", value: "N", help: "the quota, up to 1 (default 0.5)" },
    requests: { type: "string", value: "N", help: "how many in a round (default 500)" },
    busy: { type: "boolean", help: "with a busy loop beside the server, which uses the quota up" },
    rounds: {
      type: "string",
      value: "N",
      help: "rounds for each period; the calmest one counts (default 5)",
    },
  },
  examples: [
    ["./brume bench cfs-period --cores 0.5", "requests of 1 ms CPU time under half a core, per period"],
  ],
  async run(args, output) {
    const cores = Number(args.text("cores") ?? "0.5");
    if (!(cores > 0 && cores <= 1)) throw usageError(`--cores ${args.text("cores")}`, "above 0 and up to 1");
    const busy = args.flag("busy");
    const requests = args.count("requests", 500, 10);
    const rounds = args.count("rounds", 5, 1);
    const arrivalsMs = arrivals(requests, workMs / cores / (busy ? busyLoad : load), seededRandom(1).next);
    const ideal = quantiles(idealLatencies(arrivalsMs, workMs, cores));
    const rows = new Map<number, Row>();
    // Round by round and not period by period: a neighbour's busy minute must not meet one period alone.
    for (let round = 1; round <= rounds; round++) {
      output.progress(`round ${round} of ${rounds} ...`);
      for (const periodMs of periodsMs) rows.set(periodMs, calmer(rows.get(periodMs), await once(periodMs)));
    }
    const found = [...rows.values()];
    output.result({ cores, workMs, load, busy, requests, rounds, ideal, rows: found }, report(ideal, found));
    return found.every((row) => "refused" in row) ? 1 : 0;

    async function once(periodMs: number): Promise<Row> {
      const quotaMs = periodMs * cores;
      if (quotaMs < leastQuotaMs) {
        return {
          periodMs,
          refused: `its quota would be ${quotaMs} ms, the kernel's least is ${leastQuotaMs} ms`,
        };
      }
      const trial = await tryQueue({ cores, periodUs: periodMs * 1000, arrivalsMs, workMs, busy });
      if ("refused" in trial) return { periodMs, refused: trial.refused };
      return { periodMs, usedCores: trial.usedCores, ...quantiles(trial.latenciesMs) };
    }
  },
};

/** Other work on the machine only ever adds to a latency. */
function calmer(before: Row | undefined, now: Row): Row {
  if (before === undefined || "refused" in before || "refused" in now) return now;
  return before.p99 <= now.p99 ? before : now;
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function report(ideal: Quantiles, rows: readonly Row[]): string {
  const line = (name: string, text: string) => `${name.padStart(8)}  ${text}`;
  const figures = ({ p50, p90, p99, max }: Quantiles) =>
    [p50, p90, p99, max].map((value) => value.toFixed(1).padStart(7)).join("");
  return [
    line("period", `${["p50", "p90", "p99", "max"].map((word) => word.padStart(7)).join("")}  (ms)`),
    line("ideal", figures(ideal)),
    ...rows.map((row) => line(`${row.periodMs} ms`, "refused" in row ? row.refused : figures(row))),
  ].join("\n");
}
