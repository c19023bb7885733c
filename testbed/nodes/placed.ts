/** A topology with what the environment adds to where its nodes stand. */
import type { Topology } from "#testbed/topology/topology.ts";
import { kinds } from "./kinds.ts";

export async function placed(topology: Topology): Promise<Topology> {
  let known = topology;
  for (const kind of Object.values(kinds)) known = (await kind.placed?.(known)) ?? known;
  return known;
}
