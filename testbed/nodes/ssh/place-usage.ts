/** What `place.sh usage` prints, of either version of control groups, as the usage of a node. */
import type { NodeUsage } from "../node.ts";

export function readUsage(text: string): NodeUsage {
  const figures = new Map(
    text
      .split("\n")
      .map((line) => line.split(" "))
      .flatMap(([name, value]) => (name && value ? [[name, Number(value)] as const] : [])),
  );
  const cpuNs = figures.get("cpuNs");
  const cpuUs = figures.get("usage_usec");
  const cpuSeconds = cpuNs === undefined ? cpuUs && cpuUs / 1e6 : cpuNs / 1e9;
  const memory = figures.get("memory");
  // Files that the kernel would drop first are not what a node needs.
  const dropped = figures.get("total_inactive_file") ?? figures.get("inactive_file") ?? 0;
  return {
    processes: figures.get("processes") ?? 0,
    ...(cpuSeconds !== undefined && { cpuSeconds }),
    ...(memory !== undefined && { memoryBytes: Math.max(0, memory - dropped) }),
  };
}
