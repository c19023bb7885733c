/**
 * Makes records of runs that never were, for tests and for looking at the page: a job whose near nodes carry more than its
 * far ones, five models of which one knows that, under a rising load or up a ladder of parallelisms. Seeded.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Noise } from "./noise-for-tests.ts";
import { checkpointsOf, latenciesOf, manifestOf, networkOf, verifyOf } from "./record-parts-for-tests.ts";

export type MadeRun = {
  experiment: string;
  condition: string;
  repeat: number;
  /** `ramp`: the rate rises and the policy follows. `ladder`: every parallelism is measured. */
  kind: "ramp" | "ladder";
  policy: string;
  seed: number;
  /** One-way delay of every second node. */
  farMs: number;
  nodes: number;
  /** Whether the links were as asked. */
  verdict: "ok" | "off";
  /** Killed after so many seconds: no summary. */
  killedAfter?: number;
};

export const ramp: MadeRun = {
  experiment: "story",
  condition: "far-25ms",
  repeat: 1,
  kind: "ramp",
  policy: "roofline",
  seed: 1,
  farMs: 25,
  nodes: 4,
  verdict: "ok",
};
export const ladder: MadeRun = { ...ramp, experiment: "ladder", kind: "ladder", policy: "ladder", nodes: 6 };

type Seat = { node: string; share: number };
const even = (count: number): Seat[] =>
  Array.from({ length: count }, (_, index) => ({ node: `dsp${index + 1}`, share: 1 / count }));
export const isFar = (node: string) => Number(node.slice(3)) % 2 === 0;
const capacityOf = (node: string, farMs: number) => (isFar(node) ? 620 / (1 + farMs / 60) : 620);

/** All records are spread by key, so the job goes at the rate of the most loaded seat. */
const truth = (seats: readonly Seat[], farMs: number) =>
  Math.min(...seats.map(({ node, share }) => capacityOf(node, farMs) / share));

function predictionsOf(seats: readonly Seat[], farMs: number, noise: Noise) {
  const count = seats.length;
  const slowest = seats.toSorted(
    (one, other) => capacityOf(one.node, farMs) - capacityOf(other.node, farMs),
  )[0]!;
  const about = (mst: number, width: number) => ({ mst, low: mst * (1 - width), high: mst * (1 + width) });
  return {
    roofline: {
      ...about(truth(seats, farMs) * noise.around(1, 0.025), 0.06),
      binds: {
        resource: isFar(slowest.node) ? "channel" : "cpu",
        node: slowest.node,
        text: isFar(slowest.node)
          ? `the channel gen1 → ${slowest.node}: 64 KiB over ${2 * farMs} ms`
          : `the CPU of ${slowest.node}: 1.6 ms a record`,
      },
    },
    gesscale: about(600 * count ** 0.94 - 2 * farMs * Math.min(1, count - 1), 0.12),
    ds2: about(615 * count * noise.around(1, 0.02), 0.05),
    flink: about(590 * count * noise.around(1, 0.02), 0.08),
    "only-alpha": about(600 * count, 0.2),
  };
}

/** Writes the run's folder under `root` and returns its path. */
export function writeRun(root: string, made: MadeRun): string {
  const folder = join(root, made.experiment, `${made.condition}.${made.repeat}`);
  mkdirSync(folder, { recursive: true });
  const noise = new Noise(made.seed);
  const stages = made.kind === "ladder" ? ladderStages(made) : rampStages(made);
  const asked = (second: number) =>
    made.kind === "ladder" ? ladderAsked(stages, second) : rampAsked(second);
  const seconds = made.killedAfter ?? stages.at(-1)!.until;
  const metrics: object[] = [];
  const decisions: object[] = [];
  const events: object[] = [{ t: 0, event: "phase", text: "start", detail: {} }];
  let [owed, backlogSeconds, nodeSeconds, takenSum] = [0, 0, 0, 0];
  for (let second = 1; second <= seconds; second++) {
    const stage = stages.find(({ from, until }) => second > from && second <= until)!;
    const [seats, t] = [stage.seats, second * 1000];
    const best = truth(seats, made.farMs) * noise.around(1, 0.015);
    const restarting = stage !== stages[0] && second === stage.from + 1;
    const taken = restarting ? best * 0.4 : Math.min(asked(second) + owed, best);
    owed = made.kind === "ladder" ? 0 : Math.max(0, owed + asked(second) - taken);
    const lagMs = Math.round((owed / best) * 1000 + noise.around(4, 0.3));
    const held = asked(second) > best ? 1 - best / asked(second) : 0.01;
    backlogSeconds += lagMs > 1000 ? 1 : 0;
    nodeSeconds += seats.length;
    takenSum += taken;
    metrics.push({
      t,
      state: restarting ? "restarting" : "running",
      attempt: stages.indexOf(stage) + 1,
      parallelism: seats.length,
      asked: asked(second),
      taken,
      lagMs,
      sourceBackpressured: held,
      seats: seats.map(({ node, share }, subtask) => {
        const busy = Math.min(1, (taken * share) / capacityOf(node, made.farMs)) * noise.around(0.97, 0.02);
        const idle = 1 - Math.min(1, busy + held * 0.1);
        const backpressured = Math.max(0, 1 - busy - idle);
        const bytes = {
          bytesIn: taken * share * 120,
          stateBytes: 120_000 * second * share,
          queuedBytes: 800,
        };
        return {
          subtask,
          node,
          share,
          in: taken * share,
          out: taken * share,
          ...bytes,
          busy,
          backpressured,
          idle,
        };
      }),
    });
    if (second % 5 === 0)
      decisions.push({
        t,
        is: "tick",
        state: "observing",
        asked: asked(second),
        taken,
        configuration: { seats },
        predictions: predictionsOf(seats, made.farMs, noise),
        decision: { do: "stay", because: "what is asked fits into what is predicted" },
      });
    const next = stages[stages.indexOf(stage) + 1];
    if (next && second === stage.until) {
      if (stage.measured) decisions.push(measured(stage.seats, t, made, noise));
      decisions.push(...moves(stage.seats, next, t, made, asked(second), noise));
      const names = next.seats.map(({ node }) => node).join(", ");
      events.push({ t, event: "rescale", text: `${stage.seats.length} → ${next.seats.length}: ${names}` });
    }
  }
  const last = stages.at(-1)!;
  if (last.measured && !made.killedAfter) decisions.push(measured(last.seats, seconds * 1000, made, noise));
  if (made.kind === "ramp") {
    events.push({ t: 95_000, event: "network", text: "dsp2: delay +20ms for 15s", detail: {} });
    events.push({ t: 95_400, event: "load", text: "1,500 records/s", detail: {} });
  }
  events.push({ t: seconds * 1000, event: "end", text: "done", detail: {} });
  const lines = (file: string, all: readonly object[]) =>
    writeFileSync(join(folder, file), all.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const document = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));
  const byTime = (one: object, other: object) => (one as { t: number }).t - (other as { t: number }).t;
  document("manifest.json", manifestOf(made, seconds));
  document("verify.json", verifyOf(made, noise));
  lines("metrics.jsonl", metrics);
  lines("decisions.jsonl", decisions);
  lines("events.jsonl", events.sort(byTime));
  lines("network.jsonl", networkOf(made, seconds, noise));
  lines("checkpoints.jsonl", checkpointsOf(seconds, noise));
  lines("latency.jsonl", latenciesOf(metrics as never, noise));
  if (made.killedAfter === undefined)
    document("summary.json", {
      outcome: "done",
      seconds,
      rescales: stages.length - 1,
      meanTaken: takenSum / seconds,
      backlogSeconds,
      nodeSeconds,
      warnings: [],
    });
  return folder;
}

type Stage = { from: number; until: number; seats: Seat[]; measured: boolean };

function ladderStages({ nodes }: MadeRun): Stage[] {
  return Array.from({ length: nodes }, (_, index) => ({
    from: index * 25,
    until: (index + 1) * 25,
    seats: even(index + 1),
    measured: true,
  }));
}

/** Saturated first, then held. */
const ladderAsked = (stages: readonly Stage[], second: number) => {
  const stage = stages.find(({ from, until }) => second > from && second <= until)!;
  return second - stage.from < 12 ? 4000 : stage.seats.length * 400;
};

/** Near nodes first: dsp1, dsp3; then the far ones with a smaller share. A threshold policy goes by number instead. */
function rampStages({ policy, farMs, nodes }: MadeRun): Stage[] {
  const names = policy === "roofline" ? ["dsp1", "dsp3", "dsp2", "dsp4"] : ["dsp1", "dsp2", "dsp3", "dsp4"];
  const at = policy === "roofline" ? [0, 38, 88, 128, 180] : [0, 52, 78, 104, 180];
  return at.slice(0, -1).map((from, index) => {
    const chosen = names.slice(0, Math.min(nodes, index + 1));
    const total = chosen.reduce((sum, node) => sum + capacityOf(node, farMs), 0);
    const share = (node: string) =>
      policy === "roofline" ? capacityOf(node, farMs) / total : 1 / chosen.length;
    const seats = chosen.map((node) => ({ node, share: share(node) }));
    return { from, until: at[index + 1]!, seats, measured: false };
  });
}

const rampAsked = (second: number) => Math.min(1900, 400 + 10.5 * Math.max(0, second - 20));

function measured(seats: Seat[], t: number, { farMs }: MadeRun, noise: Noise) {
  const mst = truth(seats, farMs) * noise.around(1, 0.012);
  const predictions = predictionsOf(seats, farMs, noise);
  const known = seats.length === 1 ? { "only-alpha": predictions["only-alpha"] } : predictions;
  const how = "search: saturated for 12 s, then held for 10 s";
  return {
    t,
    is: "mst",
    configuration: { seats },
    mst,
    low: mst * 0.982,
    high: mst * 1.018,
    how,
    predictions: known,
  };
}

function moves(from: Seat[], next: Stage, t: number, made: MadeRun, asked: number, noise: Noise) {
  const to = { seats: next.seats };
  const added = next.seats.find(({ node }) => from.every((seat) => seat.node !== node))?.node ?? "a node";
  const predictions = predictionsOf(from, made.farMs, noise);
  const predicted = predictionsOf(next.seats, made.farMs, noise).roofline;
  const why = isFar(added)
    ? `${made.farMs} ms away, so with a smaller share`
    : "near, and takes an equal share";
  const because = `${Math.round(asked)}/s is asked and ${Math.round(predictions.roofline.mst)}/s can be carried; ${added} is ${why}`;
  const decision = { do: "rescale", to, because, predicted };
  const tick = { t, is: "tick", state: "deciding", asked, taken: asked, configuration: { seats: from } };
  return [
    { ...tick, predictions, decision },
    { t: t + 420, is: "outcome", from: { seats: from }, to, outcome: "done", standStillMs: 420 },
  ];
}
