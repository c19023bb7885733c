/** From one parallelism to another as published policies do it: the nearest nodes come first and the farthest leave first. */
import type { Configuration } from "../observation.ts";
import { farthestMs } from "./nearness.ts";
import type { PolicyInput } from "./policy.ts";
import { evenly, seatsInOrder } from "./seats.ts";

/**
 * The node that is nearest to the sources and to those that run already joins, again and again; the one that is farthest
 * from the sources leaves. Fewer seats than wanted where there are no more nodes.
 */
export function evenSteps(
  { world, network }: Pick<PolicyInput, "world" | "network">,
  from: Configuration,
  wanted: number,
): Configuration {
  const seats = from.seats.map(({ node }) => node);
  const sources = new Set(world.job.sources);
  if (seats.length > wanted) {
    const far = seats.map((node) => farthestMs(node, sources, network));
    const staying = seats
      .map((node, index) => ({ node, index, far: far[index]! }))
      .sort((one, other) => (one.far === other.far ? one.index - other.index : one.far - other.far))
      .slice(0, wanted);
    return evenly(staying.sort((one, other) => one.index - other.index).map(({ node }) => node));
  }
  const free = seatsInOrder(world.nodes);
  for (const seat of seats) {
    const place = free.indexOf(seat);
    if (place >= 0) free.splice(place, 1);
  }
  const others = new Set([...sources, ...seats]);
  const far = free.map((node) => farthestMs(node, others, network));
  const joining = free
    .map((node, index) => ({ node, index, far: far[index]! }))
    .sort((one, other) => (one.far === other.far ? one.index - other.index : one.far - other.far))
    .slice(0, wanted - seats.length);
  return evenly([...seats, ...joining.map(({ node }) => node)]);
}
