/** The parts of a made record that do not depend on what the autoscaler did: parameters, links, round trips, latency. */
import type { Noise } from "./noise-for-tests.ts";
import { isFar, type MadeRun } from "./record-for-tests.ts";

const workers = (count: number) => Array.from({ length: count }, (_, index) => `dsp${index + 1}`);

export function manifestOf(made: MadeRun, seconds: number): object {
  const nodes = [...workers(made.nodes), "coord", "gen1"];
  const role = (name: string) => ({ c: "coordinator", g: "generator" })[name[0]!] ?? "worker";
  const steps = Array.from({ length: 15 }, (_, index) => ({
    ratePerSecond: 400 + 100 * index,
    forMs: 12_000,
  }));
  return {
    format: 1,
    experiment: made.experiment,
    run: `${made.condition}.${made.repeat}`,
    condition: made.condition,
    parameters: { network: [{ to: "dsp[2,4,6]", delay: `${made.farMs}ms` }], policy: made.policy },
    repeat: made.repeat,
    seed: made.seed,
    startedAt: "2026-11-21T15:00:00.000Z",
    file: `experiments/${made.experiment}.yaml`,
    fingerprint: "5f2c".repeat(16),
    plan: {
      job: {
        use: "windowed-join",
        settings: { keys: "50k", window: "tumbling 5s", payload: "100B", work: "1.6ms" },
      },
      operator: "join",
      load: { steps },
      engine: {
        use: "brume",
        checkpoints: { everyMs: 10_000, store: "minio", mode: "aligned" },
        bufferBytes: 33_554_432,
      },
      autoscaler: {
        model: "roofline",
        policy: made.policy,
        min: 1,
        max: made.nodes,
        how: "savepoint",
        shares: "capacity",
      },
      durationMs: seconds * 1000,
    },
    brume: { version: "0.1.0", commit: "abc1234", dirty: false },
    node: "v24.21.0",
    machine: { model: "a made one", cores: 2, memoryBytes: 25_769_803_776, kernel: "6.18" },
    lab: {
      name: `${made.experiment}-x`,
      fabric: { kind: "wire", because: "the kernel has no netem" },
      rootless: false,
      nodes: nodes.map((name) => ({ name, role: role(name), device: "pi4b", speed: 0.2 })),
    },
    notEnforced: ["dsp1: memory limit: the control group has no memory controller"],
  };
}

const delayOf = (from: string, to: string, farMs: number) =>
  (isFar(from) && from.startsWith("dsp") ? farMs : 0) + (isFar(to) && to.startsWith("dsp") ? farMs : 0) + 1;

export function verifyOf({ nodes, farMs, verdict }: MadeRun, noise: Noise): object {
  const names = ["gen1", ...workers(nodes)];
  const pairs = names.flatMap((from) =>
    names.flatMap((to) => {
      if (from === to) return [];
      const asked = delayOf(from, to, farMs);
      const isOff = verdict === "off" && to === "dsp2";
      const measured = asked + Math.abs(noise.around(0.03, 0.5)) + (isOff ? 6 : 0);
      const delayMs = check(asked, measured, Math.max(0.3, asked * 0.02), 60);
      const rateBitsPerSecond = check(1e8, noise.around(0.97e8, 0.01), 1e7, 1);
      const lossRatio = { ...check(0, 0, 1, 60), interval: [0, 0.01] };
      return [
        {
          from,
          to,
          verdict: delayMs.verdict,
          strain: delayMs.strain,
          checks: { delayMs, lossRatio, rateBitsPerSecond },
        },
      ];
    }),
  );
  const off = pairs.filter((pair) => pair.verdict === "off").length;
  const counts = { pairsMeasured: pairs.length, pairsOff: off, pairsOfAll: pairs.length };
  return { lab: "x", verdict: off > 0 ? "off" : "ok", ...counts, remarks: [], pairs, pools: [] };
}

function check(asked: number, measured: number, allowed: number, samples: number) {
  const strain = Math.abs(measured - asked) / allowed;
  return { asked, measured, samples, strain, verdict: strain > 1 ? "off" : "ok" };
}

/** Estimates start poor and get better. */
export function networkOf({ nodes, farMs, kind }: MadeRun, seconds: number, noise: Noise): object[] {
  const names = ["gen1", ...workers(nodes)];
  const lines: object[] = [];
  for (let second = 5; second <= seconds; second += 5) {
    const t = second * 1000;
    const pairs = names.flatMap((from, index) =>
      names.slice(index + 1).map((to) => {
        const measuredMs = 2 * delayOf(from, to, farMs) + Math.abs(noise.around(0.1, 0.5));
        const estimatedMs = Math.abs(noise.around(measuredMs, 0.03 + 0.5 * Math.exp(-second / 12)));
        return { from, to, estimatedMs, lowMs: estimatedMs * 0.9, highMs: estimatedMs * 1.1, measuredMs };
      }),
    );
    lines.push({ t, is: "coordinates", nodes: {} }, { t, is: "rtt", pairs });
    if (kind === "ramp" && second === 95) lines.push({ t, is: "moved", node: "dsp2", byMs: 20 });
  }
  return lines;
}

export function checkpointsOf(seconds: number, noise: Noise): object[] {
  const lines: object[] = [];
  for (let second = 10, checkpoint = 1; second < seconds; second += 10, checkpoint++) {
    const isFailed = second === 90;
    const durationMs = isFailed ? 5000 : noise.around(40 + 2.2 * second, 0.15);
    const startedT = second * 1000;
    const common = { t: startedT + durationMs, checkpoint, startedT, durationMs };
    lines.push(
      isFailed
        ? { ...common, kind: "checkpoint", outcome: "failed", because: "dsp2 did not answer in 5 s" }
        : {
            ...common,
            kind: second % 40 === 0 ? "savepoint" : "checkpoint",
            outcome: "completed",
            bytes: Math.round(noise.around(120_000 * second, 0.02)),
            alignmentMs: noise.around(durationMs / 5, 0.2),
          },
    );
  }
  return lines;
}

type Metric = { t: number; attempt: number; taken: number; lagMs: number };

/** Cumulative per attempt, as the engine tells them. */
export function latenciesOf(metrics: readonly Metric[], noise: Noise): object[] {
  const lines: object[] = [];
  let [attempt, counts, sumMs, count] = [0, new Map<number, number>(), 0, 0];
  for (const metric of metrics) {
    if (metric.attempt !== attempt) [attempt, counts, sumMs, count] = [metric.attempt, new Map(), 0, 0];
    for (let record = 0; record < 60; record++) {
      const ms =
        8 * Math.exp(0.5 * noise.around(1, 0.8)) +
        metric.lagMs +
        (noise.next() < 0.02 ? 60 * noise.next() : 0);
      const bucket = 1 + Math.floor(Math.log(ms / 0.001) / Math.log(1.02));
      const times = Math.round(metric.taken / 60);
      counts.set(bucket, (counts.get(bucket) ?? 0) + times);
      [sumMs, count] = [sumMs + ms * times, count + times];
    }
    if ((metric.t / 1000) % 5 === 0) {
      const buckets = [...counts].sort(([one], [other]) => one - other);
      lines.push({ t: metric.t, attempt, latency: { count, sumMs, minMs: null, maxMs: null, buckets } });
    }
  }
  return lines;
}
