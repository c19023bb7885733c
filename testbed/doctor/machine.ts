/** What doctor asks of the machine, as one interface: tests put a pretended machine in its place. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, totalmem, userInfo } from "node:os";
import { type CgroupLayout, detectCgroups } from "#testbed/devices/cgroup.ts";
import type { Scores } from "#testbed/devices/kernels.ts";
import { type NetemSupport, netemSupport, type RunCommand } from "#testbed/network/netem/support.ts";
import { kinds } from "#testbed/nodes/kinds.ts";
import type { NodeKind, NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { findCommand } from "./commands.ts";
import { labRemains, type Remains } from "./remains.ts";
import { runTrial, type Trial } from "./trial.ts";

export interface Machine {
  readonly uid: number;
  readonly user: string;
  readonly nodeVersion: string;
  readonly architecture: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Undefined where the file is not there or not ours to read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  findCommand(name: string): string | undefined;
  trial(): Promise<Trial>;
  netem(): Promise<NetemSupport>;
  cgroups(): Promise<CgroupLayout>;
  remains(): Remains;
  /** What a core reaches for the node, where that is not what this machine's own programs reach on it. */
  coreScores(node: NodeSpec): Scores | "unmeasured" | undefined;
  /** Why such nodes cannot be had here, as a UserError. */
  checkKind(kind: NodeKind, topology: Topology, nodes: readonly NodeSpec[]): Promise<void>;
}

export const realMachine: Machine = {
  uid: process.getuid?.() ?? -1,
  user: userName(),
  nodeVersion: process.version,
  architecture: process.arch,
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  read(path) {
    try {
      return readFileSync(path, "utf8").trim();
    } catch {
      return undefined;
    }
  },
  exists: existsSync,
  findCommand: (name) => findCommand(name),
  trial: () => runTrial(process.getuid?.() === 0),
  netem: () => netemSupport(run, process.getuid?.() === 0),
  cgroups: () => detectCgroups(),
  remains: labRemains,
  coreScores: (node) => kinds[node.kind].keptCoreScores?.(node),
  checkKind: (kind, topology, nodes) => kinds[kind].check(topology, nodes, process.getuid?.() !== 0),
};

const run: RunCommand = (argv, input) =>
  new Promise((resolve) => {
    const child = execFile(argv[0]!, argv.slice(1), (error, stdout, stderr) => {
      const status = error ? (typeof error.code === "number" ? error.code : null) : 0;
      resolve({ status, stdout, stderr });
    });
    child.stdin?.on("error", () => undefined); // A program that is not there reads nothing.
    child.stdin?.end(input);
  });

/** A service's environment may not say it, or, after setpriv, say whose it was before. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? "USER"; // Containers run users that no name is known of.
  }
}
