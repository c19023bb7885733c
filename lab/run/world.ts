/** What the models are told of job and nodes before anything runs, and what links carry, as verified. Pure. */
import type { JobFacts, NodeFacts, World } from "#autoscaler/observation.ts";
import { receiveShare } from "#engine/runtime/worker-attempt.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import type { JobShape } from "./job-shape.ts";

export type WorldParts = {
  readonly plan: RunPlan;
  readonly shape: JobShape;
  /** Nodes that hold a subtask of each source. */
  readonly sources: readonly string[];
  readonly speeds: ReadonlyMap<string, number>;
  /** The node that checkpoints go to, where it is one. */
  readonly store: string | undefined;
};

export function worldOf({ plan, shape, sources, speeds, store }: WorldParts): World {
  const { checkpoints, bufferBytes, flushMs } = plan.engine;
  const { inputs, windowMs, joins } = shape;
  const job: JobFacts = {
    ...{ operator: plan.operator, inputs, joins, bufferBytes: bufferBytes * receiveShare, flushMs },
    sources: Array.from({ length: inputs }, () => sources).flat(),
    ...(windowMs !== undefined && { windowMs }),
    ...(checkpoints.everyMs > 0 && { checkpointEveryMs: checkpoints.everyMs }),
    checkpointMode: checkpoints.mode,
    ...(store !== undefined && { store }),
  };
  return { job, nodes: workersOf(plan.topology).map((node) => factsOf(node, speeds)) };
}

const workersOf = ({ nodes }: Topology) => nodes.filter(({ role }) => role === "worker");

function factsOf(
  { name, device }: { name: string; device: string },
  speeds: ReadonlyMap<string, number>,
): NodeFacts {
  const speed = speeds.get(name);
  return { name, device, slots: 1, ...(speed !== undefined && { speed }) };
}

export type AccessRates = {
  readonly up: Readonly<Record<string, number>>;
  readonly down: Readonly<Record<string, number>>;
};

/** By node: what its own link carries, as the topology says it; where verification found it off, what it found. */
export function accessRates(topology: Topology, report: VerificationReport | undefined): AccessRates {
  const up: Record<string, number> = {};
  const down: Record<string, number> = {};
  for (const { node, upBitsPerSecond, downBitsPerSecond } of topology.access) {
    if (upBitsPerSecond !== undefined) up[node] = verified(report, "from", node, upBitsPerSecond);
    if (downBitsPerSecond !== undefined) down[node] = verified(report, "to", node, downBitsPerSecond);
  }
  return { up, down };
}

/** The best of the pairs whose narrowest place this link is: the others say nothing of it. */
function verified(
  report: VerificationReport | undefined,
  end: "from" | "to",
  node: string,
  askedBitsPerSecond: number,
): number {
  const rates = (report?.pairs ?? []).flatMap((pair) => {
    const check = pair[end] === node ? pair.checks.rateBitsPerSecond : undefined;
    return check?.asked === askedBitsPerSecond && check.measured !== null ? [check] : [];
  });
  const isAsAsked = rates.length === 0 || rates.some(({ verdict }) => verdict === "ok");
  return isAsAsked ? askedBitsPerSecond : Math.max(...rates.map(({ measured }) => measured ?? 0));
}
