/** What a container uses, as the engine counts it: for nodes that have no control group of the lab's own. */
import type { ContainerStats } from "dockerode";

export type EngineUsage = { cpuSeconds?: number; memoryBytes?: number };

/** Files that the kernel would drop first are not what a node needs; the two versions of control groups name them apart. */
export function usageOf({ cpu_stats, memory_stats }: ContainerStats): EngineUsage {
  const { usage, stats } = memory_stats as { usage?: number; stats?: Record<string, number> };
  const droppable = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  const cpuNs = cpu_stats.cpu_usage?.total_usage as number | undefined;
  return {
    ...(cpuNs !== undefined && { cpuSeconds: cpuNs / 1e9 }),
    ...(usage !== undefined && { memoryBytes: Math.max(0, usage - droppable) }),
  };
}
