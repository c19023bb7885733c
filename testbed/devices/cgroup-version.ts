/** The words that both versions of control groups share, and what each of them has to be able to do. */
import { dirname } from "node:path";
import type { CgroupHost } from "./cgroup-host.ts";

/** What a lab wants of the kernel. `cpuacct` counts CPU time, `freezer` pauses; v2 has both in every group. */
export const controllers = ["cpu", "cpuacct", "memory", "freezer"] as const;
export type Controller = (typeof controllers)[number];

/** One mounted tree that brume may make groups in, below `root`. */
export type Hierarchy = { version: 1 | 2; root: string; controllers: readonly Controller[] };

/** A node's directory in one hierarchy. Plain data: a lab records it before the directory exists. */
export type CgroupMember = { version: 1 | 2; path: string; controllers: readonly Controller[] };

export type Lacks = Partial<Record<Controller, string>>;

export type MemberUsage = { cpuSeconds?: number; throttledSeconds?: number; memoryBytes?: number };

/** Every method speaks of one directory and throws what the kernel answers. */
export interface CgroupVersion {
  /** Makes the directory with its controllers on; says which of them could not be had, and why. */
  make(host: CgroupHost, member: CgroupMember): Promise<Lacks>;
  limitCpu(host: CgroupHost, path: string, quotaUs: number, periodUs: number): Promise<void>;
  /** No swap besides: a Pi's swap is slow enough that a job on it is not the job that was asked for. */
  limitMemory(host: CgroupHost, path: string, bytes: number): Promise<void>;
  usage(host: CgroupHost, member: CgroupMember): Promise<MemberUsage>;
  /** Asks for it; `isFrozen` tells when every task has stopped. */
  setFrozen(host: CgroupHost, path: string, frozen: boolean): Promise<void>;
  isFrozen(host: CgroupHost, path: string): Promise<boolean>;
}

/** Lines of "name number" as in cpu.stat and memory.stat. */
export function readStatistics(text: string): ReadonlyMap<string, number> {
  const pairs = text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((words) => words.length === 2);
  return new Map(pairs.map(([name, value]) => [name!, Number(value)]));
}

/**
 * Of all nodes together against one ordinary process. Their quotas bound what they take; what these say that they may
 * take they are to have, also on a machine that does other things.
 */
export const weight = 100;

/** Each with a weight of its own: the lab's, and the one of all labs. */
export function groupsAboveNode(path: string): string[] {
  return [dirname(path), dirname(dirname(path))];
}
