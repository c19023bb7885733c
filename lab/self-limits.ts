/**
 * What workers have to do themselves where the kernel does not: a lab of an ordinary user has no control groups unless
 * somebody delegated them, and its nodes would all be as fast as this machine. Pure.
 */
import type { NodeLimit } from "#testbed/node-limit.ts";
import type { WorkerPlace } from "./engine-layout.ts";

/** By node, the share of a core for each worker there; left out where the kernel holds it, or it may have a whole one. */
export function selfLimits(
  workers: readonly Pick<WorkerPlace, "node">[],
  limits: Readonly<Record<string, Pick<NodeLimit, "quotaCores" | "cpu">>>,
): Record<string, number> {
  const counts = Map.groupBy(workers, ({ node }) => node);
  return Object.fromEntries(
    [...counts].flatMap(([node, own]) => {
      const { quotaCores, cpu } = limits[node] ?? {};
      if (quotaCores === undefined || cpu?.enforced === true) return [];
      const share = quotaCores / own.length;
      return share < 1 ? [[node, share]] : [];
    }),
  );
}
