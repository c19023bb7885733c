/** The manifest of a run: all that one has to know to do it again, and what this machine could not give. Pure. */

import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Emulation } from "#testbed/emulation.ts";
import type { NodeLimit } from "#testbed/node-limit.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";

export type MachineFacts = {
  readonly model: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Of TCP: by default cubic, on some machines bbr, which shares a lossy link otherwise. */
  readonly congestionControl?: string;
};

export type BrumeVersion = {
  readonly version: string;
  /** Where brume stands in a work tree of git. */
  readonly commit?: string;
  readonly dirty?: boolean;
};

/** Of a node with a brume of its own: in a container, or on another machine. */
export type NodeMachine = MachineFacts & { readonly arch: string; readonly node: string };

export type LabFacts = {
  readonly name: string;
  readonly fabric: { readonly kind: string; readonly because: string };
  readonly rootless: boolean;
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly role: string;
    readonly device: string;
    /** Against the fastest node's core; left out where nothing holds the node to it. */
    readonly speed?: number;
    readonly machine?: NodeMachine;
    /** Where its processor is emulated: by what, and how much slower than this machine it is. */
    readonly emulated?: Emulation;
  }[];
};

export type Manifest = {
  readonly format: 1;
  readonly experiment: string;
  readonly run: string;
  readonly condition: string;
  readonly parameters: RunPlan["parameters"];
  readonly repeat: number;
  readonly seed: number;
  readonly startedAt: string;
  readonly file: string;
  readonly fingerprint: string;
  readonly plan: Pick<
    RunPlan,
    "job" | "operator" | "load" | "engine" | "autoscaler" | "measure" | "durationMs" | "topology"
  >;
  readonly brume: BrumeVersion;
  readonly node: string;
  readonly machine: MachineFacts;
  /** Once the lab is there. */
  readonly lab?: LabFacts;
  readonly notEnforced: readonly string[];
};

export type ManifestParts = {
  readonly plan: RunPlan;
  /** Of the experiment, as it was given. */
  readonly file: string;
  readonly fingerprint: string;
  readonly startedAt: Date;
  readonly brume: BrumeVersion;
  readonly node: string;
  readonly machine: MachineFacts;
  readonly lab?: LabFacts;
  readonly notEnforced: readonly string[];
};

export function manifestOf({ plan, startedAt, lab, ...parts }: ManifestParts): Manifest {
  const { experiment, run, condition, parameters, repeat, seed } = plan;
  const { job, operator, load, engine, autoscaler, measure, durationMs, topology } = plan;
  return {
    format: 1,
    ...{ experiment, run, condition, parameters, repeat, seed },
    startedAt: startedAt.toISOString(),
    ...parts,
    plan: { job, operator, load, engine, autoscaler, measure, durationMs, topology },
    ...(lab === undefined ? {} : { lab }),
  };
}

type Limits = Readonly<Record<string, NodeLimit>>;
/** By node, the share of a core to which the job's workers there hold themselves, where nothing else does. */
type SelfLimits = Readonly<Record<string, number>>;

/** What was asked of nodes and is not held, node by node, with the reason. */
export function notEnforcedOf(limits: Limits, selfLimited: SelfLimits): string[] {
  return Object.entries(limits).flatMap(([node, { cpu, memory, shortfalls = [] }]) => {
    const share = selfLimited[node];
    const instead = share === undefined ? "" : `; its worker holds itself to ${share.toFixed(3)} of a core`;
    return [
      ...(cpu?.enforced === false ? [`${node}: CPU limit: ${cpu.reason}${instead}`] : []),
      ...(memory?.enforced === false ? [`${node}: memory limit: ${memory.reason}`] : []),
      ...shortfalls.map((what) => `${node}: ${what}`),
    ];
  });
}

/** How fast one core of each node is against one of the fastest; nodes that nothing holds are as fast as the machine. */
export function speedsOf(
  nodes: readonly Pick<NodeSpec, "name" | "device">[],
  limits: Limits,
  selfLimited: SelfLimits,
): Map<string, number> {
  const own = new Map<string, number>();
  for (const { name, device } of nodes) {
    const limit = limits[name];
    const isHeld = limit?.cpu?.enforced !== false || selfLimited[name] !== undefined;
    if (device === "none" || !isHeld) own.set(name, 1);
    // More cores together make no single one faster than this machine's.
    else if (limit?.quotaCores !== undefined) own.set(name, Math.min(1, limit.quotaCores / limit.cores));
  }
  const fastest = Math.max(...own.values());
  return new Map([...own].map(([name, speed]) => [name, speed / fastest]));
}
