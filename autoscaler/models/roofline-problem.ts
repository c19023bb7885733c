/** A configuration as the roofline's arithmetic wants it: round trips, links and which seats share a node, looked up once. */
import type { NetworkView } from "../network-view.ts";
import type { Configuration, JobFacts } from "../observation.ts";

export type SeatPlace = {
  readonly node: string;
  readonly share: number;
  /** Its part of all records. */
  readonly load: number;
  /** Round trip to the sources that are elsewhere: the mean of subtasks, and the farthest, where it is known. */
  readonly tripMs?: number;
  readonly tripLowMs: number;
  readonly tripHighMs: number;
  readonly farthest?: { readonly source: string; readonly rttMs: number };
  /** The part of its records that comes over the network. */
  readonly remote: number;
  /** How many seats it stands for, where those that are alike are left out. */
  readonly alike?: number;
};

export type LinkGroup = {
  readonly node: string;
  readonly bitsPerSecond: number;
  /** The part of all records that passes. */
  readonly load: number;
  readonly way: "up" | "down";
};

export type Problem = {
  /** Of all seats. */
  readonly count: number;
  readonly seats: readonly SeatPlace[];
  /** By node with more than one seat: their places in `seats`. */
  readonly together: readonly (readonly number[])[];
  readonly links: readonly LinkGroup[];
};

export function problemOf(
  { seats }: Configuration,
  loads: readonly number[],
  network: NetworkView,
  { sources }: JobFacts,
): Problem {
  const perSource = new Map<string, number>();
  for (const source of sources) perSource.set(source, (perSource.get(source) ?? 0) + 1 / sources.length);
  const trips = new Map<string, ReturnType<typeof tripOf>>();
  const places = seats.map(({ node, share }, at): SeatPlace => {
    const known = trips.get(node) ?? tripOf(node, perSource, network);
    trips.set(node, known);
    return { node, share, load: loads[at]!, ...known };
  });
  const byNode = new Map<string, number[]>();
  for (const [at, { node }] of places.entries()) byNode.set(node, [...(byNode.get(node) ?? []), at]);
  const links: LinkGroup[] = [];
  const loadOn = (node: string) => (byNode.get(node) ?? []).reduce((sum, at) => sum + places[at]!.load, 0);
  for (const [node, here] of byNode) {
    const bitsPerSecond = network.downBitsPerSecond(node);
    if (bitsPerSecond === undefined) continue;
    const load = here.reduce((sum, at) => sum + places[at]!.load * places[at]!.remote, 0);
    if (load > 0) links.push({ node, bitsPerSecond, load, way: "down" });
  }
  for (const [node, part] of perSource) {
    const bitsPerSecond = network.upBitsPerSecond(node);
    const load = part * (1 - loadOn(node));
    if (bitsPerSecond !== undefined && load > 0) links.push({ node, bitsPerSecond, load, way: "up" });
  }
  return {
    count: seats.length,
    seats: places,
    together: [...byNode.values()].filter(({ length }) => length > 1),
    links,
  };
}

function tripOf(node: string, perSource: ReadonlyMap<string, number>, network: NetworkView) {
  let [sum, low, high, known, remote] = [0, 0, 0, 0, 0];
  let farthest: { source: string; rttMs: number } | undefined;
  for (const [source, part] of perSource) {
    if (source === node) continue;
    remote += part;
    const pair = network.pair(source, node);
    if (pair === undefined || !Number.isFinite(pair.rttMs)) continue;
    known += part;
    sum += part * pair.rttMs;
    low += part * pair.lowMs;
    high += part * pair.highMs;
    if (farthest === undefined || pair.rttMs > farthest.rttMs) farthest = { source, rttMs: pair.rttMs };
  }
  if (known === 0 || farthest === undefined) return { tripLowMs: 0, tripHighMs: 0, remote };
  return { tripMs: sum / known, tripLowMs: low / known, tripHighMs: high / known, farthest, remote };
}

const manySeats = 64;

/** Of seats that are alike within half a percent, one: the tightest of many is asked for, and a fit asks a thousand times. */
export function thinned(problem: Problem, paceOf: (node: string) => number): Problem {
  if (problem.seats.length < manySeats || problem.together.length > 0) return problem;
  const step = (value: number) => Math.round(200 * Math.log(value + 1e-9));
  const seats = new Map<string, SeatPlace>();
  for (const seat of problem.seats) {
    const { node, share, load, tripMs = -1, remote } = seat;
    const key = [share, load, tripMs + 2, remote, paceOf(node)].map(step).join();
    seats.set(key, { ...seat, alike: (seats.get(key)?.alike ?? 0) + 1 });
  }
  const links = new Map(
    problem.links.map(
      (link) => [`${link.way} ${step(link.bitsPerSecond)} ${step(link.load)}`, link] as const,
    ),
  );
  return { ...problem, seats: [...seats.values()], links: [...links.values()] };
}
