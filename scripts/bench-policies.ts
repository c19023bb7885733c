/**
 * `./brume bench policies`: our policy against published ones in a closed loop with a simulated job, whose rate doubles in
 * steps, in a spike and as a sine. The same seeds for all, so the same nodes, links, load and noise.
 */
import { setImmediate } from "node:timers/promises";
import { moderate, randomPlant } from "#autoscaler/plant/random-plant.ts";
import { noFaults } from "#autoscaler/simulation/closed-loop.ts";
import { contestants, fight, ringOf } from "#autoscaler/simulation/contest.ts";
import { violations } from "#autoscaler/simulation/invariants.ts";
import { type Load, sine, spike, steps } from "#autoscaler/simulation/load.ts";
import { randomScenario } from "#autoscaler/simulation/scenario.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";
import type { ExitStatus, Output } from "./verb.ts";

const ours = "roofline";
const loads: Readonly<Record<string, (base: number, durationMs: number) => Load>> = { steps, spike, sine };
const workers = 12;
const generators = 2;
const farMs = 25;
const scenarioMs = 300_000;

type Row = {
  load: string;
  policy: string;
  rescales: number;
  backlogSeconds: number;
  lagSeconds: number;
  nodeSeconds: number;
};

export const benchPolicies: Benchmark = {
  name: "policies",
  summary: "our scaling policy against published ones, on a simulated job",
  options: {
    seeds: { type: "string", value: "N", help: "how many worlds (default 8)" },
    seed: { type: "string", value: "N", help: "of the first of them (default 1)" },
    scenarios: {
      type: "string",
      value: "N",
      help: "instead, N random scenarios full of trouble, in which ours must break no rule",
    },
    minutes: { type: "string", value: "N", help: "of simulated time for each (default 60)" },
  },
  examples: [
    ["./brume bench policies --seeds 8", "some minutes; 0 when ours is ahead of each in every figure"],
  ],
  async run(args, output) {
    const first = args.count("seed", 1);
    const scenarios = args.count("scenarios", 0);
    if (scenarios > 0) return await trouble(first, scenarios, output);
    const seeds = args.count("seeds", 8, 1);
    const durationMs = args.count("minutes", 60, 5) * 60_000;
    const rows = await interruptible(async (signal) => {
      const sums = new Map<string, Row>();
      for (let seed = first; seed < first + seeds; seed++) {
        const job = seed % 2 === 0 ? "join" : "map";
        // Every other pair of worlds is a LAN, in which the CPU is all that binds.
        const far = seed % 4 < 2 ? 0 : farMs;
        const ring = ringOf(randomPlant({ seed, workers, generators, job, farMs: far, noise: moderate }));
        for (const [load, shape] of Object.entries(loads)) {
          for (const contestant of contestants) {
            const bout = { ring, load: shape(ring.base, durationMs), durationMs, faults: noFaults };
            const result = await fight(contestant, bout, breath(signal));
            const key = `${load} ${contestant.name}`;
            const before = sums.get(key) ?? empty(load, contestant.name);
            sums.set(key, {
              ...before,
              rescales: before.rescales + result.acts.length,
              backlogSeconds: before.backlogSeconds + result.backlogSeconds,
              lagSeconds: before.lagSeconds + result.lagSeconds,
              nodeSeconds: before.nodeSeconds + result.nodeSeconds,
            });
          }
          output.progress(`seed ${seed} (${job}, far nodes ${far} ms away), ${load}: done`);
        }
      }
      return [...sums.values()];
    });
    const means = rows.map((row) => ({
      ...row,
      rescales: row.rescales / seeds,
      backlogSeconds: row.backlogSeconds / seeds,
      lagSeconds: row.lagSeconds / seeds,
      nodeSeconds: row.nodeSeconds / seeds,
    }));
    const shortfalls = Object.keys(loads).flatMap((load) => shortfallsOf(load, means));
    const document = { seeds, first, minutes: durationMs / 60_000, rows: means, shortfalls };
    output.result(document, report(means, shortfalls));
    return shortfalls.length === 0 ? 0 : 1;
  },
};

/** Invariants over many short runs, each with blind spells, failing rescales and lost nodes. */
async function trouble(first: number, scenarios: number, output: Output): Promise<ExitStatus> {
  const broken: { seed: number; text: string; violations: string[] }[] = [];
  let rescales = 0;
  await interruptible(async (signal) => {
    for (let seed = first; seed < first + scenarios; seed++) {
      const { bout, text } = randomScenario(seed, scenarioMs);
      const result = await fight(contestants[0]!, bout, breath(signal));
      rescales += result.acts.length;
      const found = violations(result, bout);
      if (found.length > 0) broken.push({ seed, text, violations: found });
      if ((seed - first) % 50 === 49) output.progress(`${seed - first + 1} of ${scenarios}`);
    }
  });
  const lines = broken.map(
    ({ seed, text, violations: found }) => `seed ${seed} (${text}): ${found.join("; ")}`,
  );
  const verdict = broken.length === 0 ? "no rule was broken" : lines.join("\n");
  const head = `${scenarios} scenarios of ${scenarioMs / 1000} s, ${rescales} rescales`;
  output.result({ first, scenarios, rescales, broken }, `${head}: ${verdict}`);
  return broken.length === 0 ? 0 : 1;
}

/** A turn of the event loop, in which an interrupt may arrive. */
function breath(signal: AbortSignal): () => Promise<void> {
  return async () => {
    await setImmediate();
    signal.throwIfAborted();
  };
}

const empty = (load: string, policy: string): Row => ({
  load,
  policy,
  rescales: 0,
  backlogSeconds: 0,
  lagSeconds: 0,
  nodeSeconds: 0,
});

/** Fewer rescales and less time under backlog than each, no more node-seconds than the best. */
function shortfallsOf(load: string, rows: readonly Row[]): string[] {
  const mine = rows.find((row) => row.load === load && row.policy === ours)!;
  return rows
    .filter((row) => row.load === load && row.policy !== ours)
    .flatMap((row) => [
      ...(mine.rescales < row.rescales ? [] : [`${load}: not fewer rescales than ${row.policy}`]),
      ...(mine.backlogSeconds < row.backlogSeconds ? [] : [`${load}: not less backlog than ${row.policy}`]),
      ...(mine.nodeSeconds <= row.nodeSeconds ? [] : [`${load}: more node-seconds than ${row.policy}`]),
    ]);
}

function report(rows: readonly Row[], shortfalls: readonly string[]): string {
  const head = ["load", "policy", "rescales", "under backlog s", "lag × s", "node-seconds"];
  const cells = rows.map((row) => [
    row.load,
    row.policy,
    Number(row.rescales.toFixed(1)),
    Math.round(row.backlogSeconds),
    Math.round(row.lagSeconds),
    Math.round(row.nodeSeconds),
  ]);
  const verdict = shortfalls.length === 0 ? "ours is ahead of each in every figure" : shortfalls.join("\n");
  return `${table(head, cells)}\n\nmeans over worlds; ${verdict}`;
}
