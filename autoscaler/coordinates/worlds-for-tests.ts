/** Worlds of known truth: round trips between all nodes that follow from a drawing, not from a measurement. */
import { RttMatrix } from "./rtt-matrix.ts";

/** Between two nodes on one machine. */
const nearMs = 0.1;

function world(size: number, rttMs: (one: number, other: number) => number): RttMatrix {
  const nodes = Array.from({ length: size }, (_, node) => node);
  return new RttMatrix(nodes.map((one) => nodes.map((other) => (one === other ? 0 : rttMs(one, other)))));
}

export function line(size: number, stepMs: number): RttMatrix {
  return world(size, (one, other) => nearMs + stepMs * Math.abs(one - other));
}

export function grid(side: number, stepMs: number): RttMatrix {
  const apart = (one: number, other: number) =>
    Math.hypot((one % side) - (other % side), Math.floor(one / side) - Math.floor(other / side));
  return world(side * side, (one, other) => nearMs + stepMs * apart(one, other));
}

/** `far` of the nodes in one place, the rest in another. */
export function twoClusters(size: number, far: number, betweenMs: number): RttMatrix {
  return world(size, (one, other) => nearMs + (one < far !== other < far ? betweenMs : 0));
}

/** As a rule `to: dsp[6-10], delay` makes them: `impacted` nodes are slow to reach for everybody, for each other doubly. */
export function impacted(size: number, count: number, delayMs: number): RttMatrix {
  return world(size, (one, other) => nearMs + delayMs * (Number(one < count) + Number(other < count)));
}

/** A centre, and nodes on access links of their own length. */
export function star(size: number, stepMs: number): RttMatrix {
  return world(size, (one, other) => nearMs + stepMs * (one + other));
}

export function circle(size: number, radiusMs: number): RttMatrix {
  const half = (one: number, other: number) => (Math.PI * Math.abs(one - other)) / size;
  return world(size, (one, other) => nearMs + 2 * radiusMs * Math.sin(half(one, other)));
}
