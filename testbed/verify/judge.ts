/** From a plan and what the prober found to a verdict for every pair, and for all pairs of one kind together. */
import type { Asked } from "./asked.ts";
import {
  type Check,
  type Checks,
  corruptionCounts,
  delayCheck,
  independentOf,
  type Judging,
  jitterCheck,
  lossCounts,
  orderCheck,
  type Property,
  rateCheck,
  ratioCheck,
  roundTripCheck,
  silenceCheck,
  type Verdict,
} from "./checks.ts";
import type { MeasurementPlan } from "./plan-measurement.ts";
import type { FlowResult, ProbeAnswer } from "./prober/job.ts";

export type PairVerdict = {
  from: string;
  to: string;
  verdict: Verdict;
  strain: number;
  asked: Asked;
  checks: Checks;
  probes: FlowResult;
};

/** All measured pairs of which the same is asked, counted together: what a single pair has too few probes for. */
export type Pool = { property: Property; pairs: number; check: Check };

export type Judgement = { pairs: PairVerdict[]; pools: Pool[] };

/** The chance that a report of a lab in which all is as asked says otherwise. */
const falseAlarm = 0.01;

type Flow = { from: number; to: number; asked: Asked; flow: FlowResult; couple: number };

/** `socketDrops`: packets that came to a node, by its number, and that the prober did not read. */
export function judge(
  plan: MeasurementPlan,
  answer: ProbeAnswer,
  nodes: readonly string[],
  socketDrops: ReadonlyMap<number, number> = new Map(),
): Judgement {
  const flows = plan.couples.flatMap(({ a, b, forward, back }, couple): Flow[] => [
    { from: a, to: b, asked: forward, flow: answer.couples[couple]!.forward, couple },
    { from: b, to: a, asked: back, flow: answer.couples[couple]!.back, couple },
  ]);
  const ratios = ({ asked }: Flow) =>
    [asked.lossRatio, asked.duplicateRatio, asked.corruptRatio].filter((ratio) => ratio > 0).length;
  // Every pair's interval and every pool's, of which there are at most as many again.
  const intervals = Math.max(1, 2 * flows.reduce((sum, each) => sum + ratios(each), 0));
  const judging: Judging = { windowMs: plan.windowMs, confidence: 1 - falseAlarm / intervals };
  const trains = new Map(plan.trains.map((train) => [`${train.from} ${train.to}`, train]));
  const over6 = new Map(
    plan.ipv6Couples.map((couple, index) => [couple, answer.couples[plan.couples.length + index]!]),
  );

  const pairs = flows.map(({ from, to, asked, flow, couple }): PairVerdict => {
    const isForward = plan.couples[couple]!.a === from;
    const { forward, back } = plan.couples[couple]!;
    const checks: Checks = {};
    const add = (property: Property, check: Check | undefined) => {
      if (check) checks[property] = check;
    };
    if (flow.sent === 0) {
      const why = `the kernel refused every probe: ${answer.refusals.join(", ")}`;
      add("delayMs", {
        asked: asked.delayMs,
        measured: null,
        samples: 0,
        strain: 0,
        verdict: "unmeasured",
        why,
      });
    } else if (asked.cut) {
      add("silence", silenceCheck(flow));
    } else {
      add("delayMs", delayCheck(asked, flow, judging));
      add("roundTripMs", roundTripCheck(forward, back, answer.couples[couple]!.roundTripMs, judging));
      const six = over6.get(couple);
      if (six) add("delay6Ms", delayCheck(asked, isForward ? six.forward : six.back, judging, 6));
      addSpread(add, asked, flow, judging);
      addRatios(add, asked, flow, judging, socketDrops.get(to) ?? 0);
      add("overtaken", orderCheck(asked, flow));
      const train = trains.get(`${from} ${to}`);
      if (train) add("rateBitsPerSecond", trainCheck(asked, train, answer));
    }
    return { from: nodes[from]!, to: nodes[to]!, ...overall(checks), asked, checks, probes: flow };
  });
  return { pairs, pools: pool(flows, judging) };
}

type Add = (property: Property, check: Check | undefined) => void;

function addSpread(add: Add, asked: Asked, flow: FlowResult, { windowMs }: Judging): void {
  const delays = flow.oneWayMs;
  if (!delays) return;
  add(
    "jitterMs",
    jitterCheck(asked, delays.spread, delays.count, independentOf(asked, delays.count, windowMs)),
  );
}

function addRatios(
  add: Add,
  asked: Asked,
  flow: FlowResult,
  { confidence }: Judging,
  socketDrops: number,
): void {
  const loss = lossCounts(asked, flow);
  const check = ratioCheck(loss.asked, loss.hits, loss.trials, confidence, asked.lossClustering);
  // A corrupted packet is dropped there too, and is what was asked for.
  const excused = check.verdict === "off" && socketDrops > 0 && asked.corruptRatio === 0;
  const why = `${socketDrops} packets came, but the prober was too slow to take them`;
  add("lossRatio", excused ? { ...check, verdict: "unmeasured", why } : check);
  add("duplicateRatio", ratioCheck(asked.duplicateRatio, flow.duplicates, flow.arrived, confidence));
  const corruption = corruptionCounts(asked, flow);
  add("corruptRatio", ratioCheck(corruption.asked, corruption.hits, corruption.trials, confidence));
}

function trainCheck(asked: Asked, train: MeasurementPlan["trains"][number], answer: ProbeAnswer): Check {
  if (train.index !== undefined) return rateCheck(asked, answer.trains[train.index]!);
  const { why } = train;
  return {
    asked: asked.rateBitsPerSecond!,
    measured: null,
    samples: 0,
    strain: 0,
    verdict: "unmeasured",
    why,
  };
}

/** Off when anything is; unmeasured when nothing could be. */
function overall(checks: Checks): { verdict: Verdict; strain: number } {
  const all = Object.values(checks);
  const strain = Math.max(0, ...all.map((check) => check.strain));
  if (all.some(({ verdict }) => verdict === "off")) return { verdict: "off", strain };
  return { verdict: all.some(({ verdict }) => verdict === "ok") ? "ok" : "unmeasured", strain };
}

function pool(flows: readonly Flow[], judging: Judging): Pool[] {
  const open = flows.filter(({ asked, flow }) => !asked.cut && flow.sent > 0);
  const kinds: {
    property: Property;
    of: (asked: Asked) => unknown;
    check: (members: Flow[]) => Check | undefined;
  }[] = [
    {
      property: "jitterMs",
      of: ({ jitter }) => jitter && [jitter.spreadMs, jitter.kurtosis, jitter.correlationMs],
      check: (members) => pooledSpread(members, judging.windowMs),
    },
    {
      property: "lossRatio",
      of: ({ lossRatio, lossClustering }) => (lossRatio > 0 ? [lossRatio, lossClustering] : undefined),
      check: (members) =>
        pooledRatio(members, lossCounts, judging.confidence, members[0]!.asked.lossClustering),
    },
    {
      property: "duplicateRatio",
      of: ({ duplicateRatio }) => (duplicateRatio > 0 ? duplicateRatio : undefined),
      check: (members) => pooledRatio(members, duplicateCounts, judging.confidence),
    },
    {
      property: "corruptRatio",
      of: ({ corruptRatio }) => (corruptRatio > 0 ? corruptRatio : undefined),
      check: (members) => pooledRatio(members, corruptionCounts, judging.confidence),
    },
  ];
  return kinds.flatMap(({ property, of, check }) => {
    const groups = Map.groupBy(open, ({ asked }) => JSON.stringify(of(asked)));
    return [...groups].flatMap(([key, members]): Pool[] => {
      if (key === undefined || members.length < 2) return [];
      const pooled = check(members);
      return pooled ? [{ property, pairs: members.length, check: pooled }] : [];
    });
  });
}

const duplicateCounts = (asked: Asked, flow: FlowResult) => ({
  asked: asked.duplicateRatio,
  hits: flow.duplicates,
  trials: flow.arrived,
});

function pooledRatio(members: Flow[], counts: typeof lossCounts, confidence: number, clustering = 1): Check {
  let [asked, hits, trials] = [0, 0, 0];
  for (const member of members) {
    const each = counts(member.asked, member.flow);
    // Corruption loses some more, so that pairs of one loss may differ a little in what they should lose.
    asked += each.asked * each.trials;
    hits += each.hits;
    trials += each.trials;
  }
  return ratioCheck(trials > 0 ? asked / trials : 0, hits, trials, confidence, clustering);
}

function pooledSpread(members: Flow[], windowMs: number): Check | undefined {
  let [squares, samples, independent] = [0, 0, 0];
  for (const { asked, flow } of members) {
    const { oneWayMs } = flow;
    if (!oneWayMs) continue;
    squares += oneWayMs.spread ** 2 * oneWayMs.count;
    samples += oneWayMs.count;
    independent += independentOf(asked, oneWayMs.count, windowMs);
  }
  return samples === 0
    ? undefined
    : jitterCheck(members[0]!.asked, Math.sqrt(squares / samples), samples, independent);
}
