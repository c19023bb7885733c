/**
 * `./brume bench cfs-period`: the same requests to the same server under one CPU quota with several periods, beside
 * a core that is slower all the time. Its figures decide the period (docs/decisions/cfs-period.md).
 */
import { arrivals, idealLatencies, tryQueue } from "#testbed/devices/queue-trial.ts";
import { seededRandom } from "#testbed/topology/generate/random.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";

const periodsMs = [1, 2, 5, 10, 20, 100];
const workMs = 1;
/** Of the quota: busy, but not so that the queue alone decides. */
const load = 0.7;

export const benchCfsPeriod: Benchmark = {
  name: "cfs-period",
  summary: "latency under a CPU quota, by the length of its period",
  options: {
    cores: { type: "string", value: "N", help: "the quota (default 0.5)" },
    requests: { type: "string", value: "N", help: "how many for each period (default 1000)" },
  },
  examples: [
    ["./brume bench cfs-period --cores 0.5", "1000 requests of 1 ms CPU time under half a core, per period"],
  ],
  async run(args, output) {
    const cores = Number(args.text("cores") ?? "0.5");
    if (!(cores > 0 && cores <= 1)) throw usageError(`--cores ${args.text("cores")}`, "above 0 and up to 1");
    const count = args.count("requests", 1000, 10);
    const arrivalsMs = arrivals(count, workMs / cores / load, seededRandom(1).next);
    const ideal = quantiles(idealLatencies(arrivalsMs, workMs, cores));
    const rows = [];
    for (const periodMs of periodsMs) {
      output.progress(`${count} requests with a period of ${periodMs} ms ...`);
      const least = periodMs * cores;
      // The kernel takes no quota below 1 ms; asked through brume, the period would grow instead.
      if (least < 1)
        rows.push({ periodMs, refused: `its quota would be ${least} ms, the kernel's least is 1 ms` });
      else {
        const trial = await tryQueue(cores, periodMs * 1000, arrivalsMs, workMs);
        if ("refused" in trial) rows.push({ periodMs, refused: trial.refused });
        else rows.push({ periodMs, usedCores: trial.usedCores, ...quantiles(trial.latenciesMs) });
      }
    }
    const lines = rows.map((row) => {
      const name = `${row.periodMs} ms`.padStart(8);
      return row.refused === undefined ? `${name}  ${figures(row as Quantiles)}` : `${name}  ${row.refused}`;
    });
    const head = `${"period".padStart(8)}  ${["p50", "p90", "p99", "max"].map((word) => word.padStart(7)).join("")}  (ms)`;
    const text = [head, `${"ideal".padStart(8)}  ${figures(ideal)}`, ...lines].join("\n");
    output.result({ cores, workMs, load, requests: count, ideal, rows }, text);
    return rows.some((row) => row.refused === undefined) ? 0 : 1;
  },
};

type Quantiles = { p50: number; p90: number; p99: number; max: number };

function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function figures({ p50, p90, p99, max }: Quantiles): string {
  return [p50, p90, p99, max].map((value) => value.toFixed(1).padStart(7)).join("");
}
