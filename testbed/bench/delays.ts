/** Rows on delay, jitter and loss, from the verification of labs made for them. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { verifyLab } from "#testbed/verify/verify-lab.ts";
import { withLab } from "./bench-lab.ts";
import { median, milliseconds, percent, type Row } from "./row.ts";

const edges = { progress: () => undefined, now: () => new Date(), nowMs: () => performance.now() };
const everyPair = { pairs: Number.POSITIVE_INFINITY, seed: 1 };

const fifteenNodes = `
name: bench-delay
nodes: { "n[1-15]": {} }
network:
  pairs:
    - { to: "n[4-6]", delay: 1ms }
    - { to: "n[7-9]", delay: 5ms }
    - { to: "n[10-12]", delay: 25ms }
    - { to: "n[13-15]", delay: 100ms }
`;

export async function delayRows(busy: boolean): Promise<Row[]> {
  const report = await withLab(fifteenNodes, async (lab) => {
    const stop = busy ? keepCoresBusy() : () => undefined;
    try {
      await sleep(500); // What provisioning left to do in the background is not what is measured.
      return await verifyLab(lab, { ...everyPair, seconds: 4 }, edges);
    } finally {
      stop();
    }
  });
  const { medianMs, p99Ms } = roundTripErrors(report);
  const bar = busy ? "median ≤ 0.3 ms" : "median ≤ 0.1 ms, p99 ≤ 1 ms";
  return [
    {
      what: `round trips of 15 nodes, ${busy ? "all cores busy" : "idle"}`,
      asked: "0, 1, 5, 25, 100 ms one-way",
      measured: `error: median ${milliseconds(medianMs)}, p99 ${milliseconds(p99Ms)}`,
      bar,
      met: medianMs <= (busy ? 0.3 : 0.1) && (busy || p99Ms <= 1),
      figures: { medianMs, p99Ms, verifySeconds: report.seconds },
    },
    ...(busy ? [] : [verifyRow(report)]),
  ];
}

function verifyRow({ pairsMeasured, seconds, verdict }: VerificationReport): Row {
  return {
    what: "verify, 15 nodes",
    asked: "all 210 pairs",
    measured: `${pairsMeasured} pairs in ${seconds.toFixed(1)} s, ${verdict}`,
    bar: "≤ 10 s",
    met: pairsMeasured === 210 && seconds <= 10 && verdict === "ok",
    figures: { pairsMeasured, seconds },
  };
}

/** Both ways added up, pair by pair; the 99th percentiles added up are no less than that of the sum is in practice. */
function roundTripErrors({ pairs }: VerificationReport): { medianMs: number; p99Ms: number } {
  const byName = new Map(pairs.map((pair) => [`${pair.from} ${pair.to}`, pair]));
  const medians: number[] = [];
  const p99s: number[] = [];
  for (const there of pairs) {
    const back = byName.get(`${there.to} ${there.from}`);
    if (!back?.probes.oneWayMs || !there.probes.oneWayMs || there.from > there.to) continue;
    const asked = there.asked.delayMs + back.asked.delayMs;
    medians.push(Math.abs(there.probes.oneWayMs.median + back.probes.oneWayMs.median - asked));
    p99s.push(there.probes.oneWayMs.p99 + back.probes.oneWayMs.p99 - asked);
  }
  return { medianMs: median(medians), p99Ms: median(p99s) };
}

function keepCoresBusy(): () => void {
  const children = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  return () => {
    for (const child of children) child.kill("SIGKILL");
  };
}

export async function jitterRow(): Promise<Row> {
  const yaml =
    "name: bench-jitter\nnodes: { a: {}, b: {}, c: {}, d: {} }\nnetwork: { pairs: [{ delay: 25ms, jitter: 10ms }] }\n";
  const report = await withLab(yaml, (lab) => verifyLab(lab, { ...everyPair, seconds: 12 }, edges));
  const means = report.pairs.map(({ probes }) => probes.oneWayMs!.mean);
  const spreads = report.pairs.map(({ probes }) => probes.oneWayMs!.spread);
  const overtaken = report.pairs.reduce((sum, { probes }) => sum + probes.overtaken, 0);
  const worst = (values: readonly number[], asked: number) =>
    Math.max(...values.map((value) => Math.abs(value / asked - 1)));
  return {
    what: "jitter, worst of 12 pairs",
    asked: "25 ± 10 ms, in order",
    measured: `mean ${median(means).toFixed(2)} ms (worst off by ${percent(worst(means, 25))}), spread ${median(spreads).toFixed(2)} ms (worst off by ${percent(worst(spreads, 10))}), ${overtaken} reordered`,
    bar: "within 5 %, none reordered",
    met: worst(means, 25) <= 0.05 && worst(spreads, 10) <= 0.05 && overtaken === 0,
    figures: { worstMean: worst(means, 25), worstSpread: worst(spreads, 10), overtaken },
  };
}

export async function lossRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const ratio of [0.001, 0.01, 0.1]) {
    const yaml = `name: bench-loss\nnodes: { "n[1-6]": {} }\nnetwork: { pairs: [{ loss: ${ratio * 100}% }] }\n`;
    const report = await withLab(yaml, (lab) => verifyLab(lab, { ...everyPair, seconds: 8 }, edges));
    const pool = report.pools.find(({ property }) => property === "lossRatio")!;
    const { measured, interval, verdict, samples } = pool.check;
    rows.push({
      what: "loss, all pairs of 6 nodes",
      asked: percent(ratio),
      measured: `${percent(measured ?? Number.NaN)} of ${samples}, interval ${percent(interval!.low)}–${percent(interval!.high)}`,
      bar: "asked is inside the 99 % binomial interval",
      met: verdict === "ok",
      figures: { measured: measured ?? Number.NaN, low: interval!.low, high: interval!.high, samples },
    });
  }
  return rows;
}
