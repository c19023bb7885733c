/** The round trips that a lab's topology and the impairments in force ask for, to hold against what agents believe. */
import type { Impairment } from "#testbed/keeper/impairments.ts";
import { compileNetwork, conditionsOf } from "#testbed/network/compile.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { askedOf } from "#testbed/verify/asked.ts";

/** Of a probe and its answer, headers included, where links have rates. */
const packetBytes = 400;

/** Undefined: nothing passes one of the two ways. */
export function askedRoundTrips(
  topology: Topology,
  impairments: readonly Impairment[],
): (one: string, other: string) => number | undefined {
  const network = compileNetwork(
    topology,
    impairments.flatMap(({ rules }) => [...rules]),
  );
  const place = new Map(network.nodes.map((name, index) => [name, index]));
  const oneWay = (from: number, to: number) => askedOf(network, from, to, conditionsOf(network, from, to));
  return (one, other) => {
    const [from, to] = [place.get(one)!, place.get(other)!];
    const ways = [oneWay(from, to), oneWay(to, from)];
    if (ways.some(({ cut }) => cut)) return undefined;
    return ways.reduce((sum, way) => sum + way.delayMs + way.serialisationMsPerByte * packetBytes, 0);
  };
}
