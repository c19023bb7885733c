/** Which nodes are near: the order in which published policies take them, and ours where nothing better is known. */
import type { NetworkView } from "../network-view.ts";
import type { Configuration, JobFacts, NodeFacts, World } from "../observation.ts";
import { evenly, seatsInOrder } from "./seats.ts";

/** The longest round trip to any of `others`; infinite where one is unknown, so that such nodes come last and not first. */
export function farthestMs(node: string, others: Iterable<string>, network: NetworkView): number {
  let worst = 0;
  for (const other of others) worst = Math.max(worst, network.pair(node, other)?.rttMs ?? Infinity);
  return worst;
}

/** By round trip to the farthest source; as they were declared where that is equal. */
export function nearestFirst(
  nodes: readonly NodeFacts[],
  job: JobFacts,
  network: NetworkView,
): readonly NodeFacts[] {
  const sources = new Set(job.sources);
  const far = new Map(nodes.map(({ name }) => [name, farthestMs(name, sources, network)]));
  return [...nodes].sort((one, other) => compare(far.get(one.name)!, far.get(other.name)!));
}

/** What a job is started on: the nearest nodes, the same share for each. */
export function startConfiguration(world: World, network: NetworkView, parallelism: number): Configuration {
  return evenly(seatsInOrder(nearestFirst(world.nodes, world.job, network)).slice(0, parallelism));
}

/** Infinity − Infinity is no number. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
