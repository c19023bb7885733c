/** Measures a running lab and compares it with what its topology and the impairments in force ask of it. */
import { readFileSync } from "node:fs";
import type { KeeperStatus, NodeReport } from "#testbed/keeper/protocol.ts";
import { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import { subnet6 } from "#testbed/network/addresses.ts";
import { compileNetwork } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import { bucketSeconds } from "#testbed/network/netem/rate.ts";
import { whyLate } from "#testbed/network/wire/statistics.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { UserError } from "#testbed/user-error.ts";
import { judge } from "./judge.ts";
import { type MeasuringEdges, measure } from "./measure.ts";
import { type MeasurementPlan, planMeasurement } from "./plan-measurement.ts";
import type { ProbeAnswer } from "./prober/job.ts";
import { proberJob } from "./prober-job.ts";
import { type VerificationReport, worstFirst } from "./report.ts";
import { type StartedProbers, startProbers } from "./start-probers.ts";

export type VerificationChoice = {
  /** Ordered pairs at most; Infinity for all of them. */
  pairs: number;
  /** How long to probe; chosen by what is asked when absent. */
  seconds?: number;
  seed: number;
  /** Expect what the topology says, as if no impairment were in force. */
  plain?: boolean;
};

export type VerificationEdges = {
  progress(line: string): void;
  now(): Date;
  /** A clock that nobody sets. */
  nowMs(): number;
};

/** 23 nodes' pairs and some; what more would add to ten seconds is mostly transfers. */
export const defaultPairs = 512;
const defaultTransfersMs = 3200;
/** For those who ask for more pairs than usual, and so for more time. */
const patientTransfersMs = 300_000;
const defaultRepeatsMs = 700;
const patientRepeatsMs = 10_000;

export async function verifyLab(
  lab: Lab,
  choice: VerificationChoice,
  edges: VerificationEdges,
): Promise<VerificationReport> {
  const startedMs = edges.nowMs();
  const before = await lab.keeper.ask("GET /status");
  const clocks = new KernelClocks();
  const measuring: MeasuringEdges = {
    progress: edges.progress,
    nowNs: () => clocks.realTimeNs(),
    own: {
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      baseSecond: clocks.baseSecond,
      nowMs: edges.nowMs,
    },
  };
  const place = { rootless: lab.identity.rootless, keeperPid: before.pid };
  const running = before.nodes.filter(({ state }) => state === "running");
  const started = await startProbers(running, place, (name) => lab.node(name), measuring);
  try {
    return await verifyWith(started, lab, choice, { ...edges, measuring, before, startedMs });
  } finally {
    await Promise.all(started.probers.map((prober) => prober.end()));
  }
}

type Begun = VerificationEdges & { measuring: MeasuringEdges; before: KeeperStatus; startedMs: number };

async function verifyWith(
  { probers, proberOf, without }: StartedProbers,
  lab: Lab,
  choice: VerificationChoice,
  edges: Begun,
): Promise<VerificationReport> {
  const { before, startedMs } = edges;
  const expected = choice.plain ? [] : before.impairments.flatMap(({ rules }) => [...rules]);
  const network = compileNetwork(lab.topology, expected);
  const { reachable, unmeasuredNodes } = sortNodes(network, before.nodes, without);
  if (reachable.length < 2) {
    throw new UserError(
      "nothing-to-verify",
      `${lab.folder.name}: ${reachable.length} of ${network.nodes.length} nodes can be measured, and a pair takes two`,
      unmeasuredNodes.length > 0 ? "restart or resume them first" : "give the topology two nodes",
    );
  }
  const patient = choice.pairs > defaultPairs;
  const turnsPerSecond = await paces(probers, proberOf, network, before.nodes);
  const plan = planMeasurement(network, reachable, {
    pairs: choice.pairs,
    seed: choice.seed,
    ...(choice.seconds !== undefined && { windowMs: choice.seconds * 1000 }),
    transfersMs: patient ? patientTransfersMs : defaultTransfersMs,
    ipv6: lab.identity.ipv6,
    mtuBytes: lab.topology.mtuBytes,
    burstMs: before.fabric.kind === "netem" ? bucketSeconds * 1000 : 0,
    turnsPerSecond,
  });
  announce(plan, edges);
  const subnet = { ...lab.identity.subnet, prefix6: subnet6(lab.identity.id) };
  const { job, places, nodeOf } = proberJob(plan, network.nodes, before.nodes, subnet, proberOf, {
    seed: choice.seed,
    repeatsMs: patient ? patientRepeatsMs : defaultRepeatsMs,
  });
  const parts = probers.map((prober, index) => ({ prober, here: places[index]! }));
  const answer = await measure(
    job,
    parts.filter(({ here }) => here.length > 0),
    edges.measuring,
  );
  const after = await lab.keeper.ask("GET /status");

  const { pairs, pools } = judge(plan, answer, network.nodes, dropsByNode(answer, nodeOf));
  const because = disturbance(before, after);
  const lateNow = lateBetween(before, after);
  const off = pairs.filter(({ verdict }) => verdict === "off").length;
  const fine = off === 0 && pools.every(({ check }) => check.verdict !== "off") && because === undefined;
  const size = network.nodes.length;
  return {
    lab: lab.folder.name,
    at: edges.now().toISOString(),
    verdict: fine ? "ok" : "off",
    ...(because !== undefined && { because }),
    fabric: after.fabric,
    ...(after.late !== undefined && { late: after.late }),
    ...(lateNow !== undefined && { lateNow }),
    remarks: remarksOf(plan, answer),
    impairments: before.impairments.map(({ name }) => ({ name, expected: !choice.plain })),
    pairsMeasured: pairs.filter(({ verdict }) => verdict !== "unmeasured").length,
    pairsOff: off,
    pairsReachable: reachable.length * (reachable.length - 1),
    pairsOfAll: size * (size - 1),
    coverage: plan.coverage,
    unmeasuredNodes,
    transfers: plan.trainJobs.length,
    probesSent: answer.couples.reduce((sum, { forward, back }) => sum + forward.sent + back.sent, 0),
    seconds: (edges.nowMs() - startedMs) / 1000,
    seed: choice.seed,
    windowMs: plan.windowMs,
    pairs: worstFirst(pairs),
    pools,
  };
}

/** Of nodes whose prober runs on themselves, by the network's numbers; this machine's own is fast enough for all. */
async function paces(
  probers: StartedProbers["probers"],
  proberOf: StartedProbers["proberOf"],
  network: Network,
  reports: readonly NodeReport[],
): Promise<Map<number, number>> {
  const far = reports.filter(({ name, namespacePath }) => namespacePath === undefined && proberOf.has(name));
  const told = await Promise.all(
    far.map(async ({ name }) => {
      const { turnsPerSecond } = await probers[proberOf.get(name)!]!.ask("rehearse", {});
      return [network.nodes.indexOf(name), turnsPerSecond] as const;
    }),
  );
  return new Map(told);
}

function sortNodes(network: Network, reports: readonly NodeReport[], without: StartedProbers["without"]) {
  const reportOf = new Map(reports.map((report) => [report.name, report]));
  const reachable: number[] = [];
  const unmeasuredNodes: { name: string; why: string }[] = [];
  network.nodes.forEach((name, number) => {
    const report = reportOf.get(name);
    const state = report?.state ?? "absent";
    const lacking = without.find((node) => node.name === name);
    if (state === "running" && !lacking) reachable.push(number);
    else unmeasuredNodes.push({ name, why: lacking?.why ?? `it is ${state}` });
  });
  return { reachable, unmeasuredNodes };
}

function announce(plan: MeasurementPlan, { progress }: VerificationEdges): void {
  const seconds = ((plan.windowMs + plan.transfersMs + plan.patienceMs) / 1000).toFixed(1);
  progress(`measuring ${plan.couples.length * 2} pairs of ${plan.coverage.nodes} nodes, some ${seconds} s`);
}

/** Socket drops by the network's node numbers. */
function dropsByNode(answer: ProbeAnswer, nodeOf: readonly number[]): Map<number, number> {
  return new Map(answer.socketDrops.map((drops, endpoint) => [nodeOf[endpoint]!, drops]));
}

function remarksOf(plan: MeasurementPlan, answer: ProbeAnswer): string[] {
  const leftOut = Map.groupBy(
    plan.trains.flatMap((train) => (train.index === undefined ? [train.why] : [])),
    (why) => why,
  );
  return [
    ...answer.remarks,
    answer.refusals.length > 0 && `the kernel refused some packets: ${answer.refusals.join(", ")}`,
    ...[...leftOut].map(([why, pairs]) => `the rate of ${pairs.length} pairs was not tested: ${why}`),
  ].filter((remark) => remark !== false);
}

/** Of what the fabric did meanwhile; a high-water mark cannot be told apart, and is not asked for. */
function lateBetween({ wire: before }: KeeperStatus, { wire: after }: KeeperStatus): string | undefined {
  if (!before || !after) return undefined;
  const { delivered, late, ringDrops, overload } = after;
  return whyLate({
    ...after,
    delivered: delivered - before.delivered,
    late: late - before.late,
    ringDrops: ringDrops - before.ringDrops,
    overload: overload - before.overload,
  });
}

/** What changed under the measurement's feet, if anything. */
function disturbance(before: KeeperStatus, after: KeeperStatus): string | undefined {
  const changed = (read: (status: KeeperStatus) => unknown) =>
    JSON.stringify(read(before)) !== JSON.stringify(read(after));
  const what = [
    changed(({ impairments }) => impairments) && "impairments began or ended",
    changed(({ nodes }) => nodes.map(({ name, state }) => [name, state])) && "nodes changed their state",
    changed(({ pid }) => pid) && "the lab was started anew",
  ].filter((each) => each !== false);
  return what.length === 0
    ? undefined
    : `while measuring, ${what.join(" and ")}: verify again when the lab is steady`;
}
