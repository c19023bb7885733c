/** Small networks for tests, written as what a pair feels. */
import type { Conditions, Network, Segment } from "#testbed/network/conditions.ts";
import type { Placement } from "./placement.ts";

type Sketch = {
  /** By "from>to"; pairs that are not named feel nothing. */
  pairs?: Readonly<Record<string, Conditions>>;
  up?: Readonly<Record<string, number>>;
  down?: Readonly<Record<string, number>>;
  inner?: readonly Segment[];
  /** By "from>to": indices into `inner`. */
  paths?: Readonly<Record<string, readonly number[]>>;
};

export function sketchNetwork(nodes: readonly string[], sketch: Sketch = {}): Network {
  const segments: Segment[] = [...(sketch.inner ?? [])];
  const access = (rates: Readonly<Record<string, number>> = {}): Int32Array =>
    Int32Array.from(nodes, (name) => {
      const rateBitsPerSecond = rates[name];
      return rateBitsPerSecond === undefined ? -1 : segments.push({ name, rateBitsPerSecond }) - 1;
    });
  const conditions: Conditions[] = [{ delayMs: 0 }];
  const pairs = new Uint32Array(nodes.length ** 2);
  const at = (pair: string): number => {
    const [from, to] = pair.split(">").map((name) => nodes.indexOf(name)) as [number, number];
    return from * nodes.length + to;
  };
  for (const [pair, felt] of Object.entries(sketch.pairs ?? {})) pairs[at(pair)] = conditions.push(felt) - 1;
  const paths: (readonly number[])[] = [[]];
  const pairPaths = new Uint32Array(nodes.length ** 2);
  for (const [pair, path] of Object.entries(sketch.paths ?? {})) pairPaths[at(pair)] = paths.push(path) - 1;
  return {
    nodes,
    up: access(sketch.up),
    down: access(sketch.down),
    segments,
    conditions,
    pairs,
    paths,
    pairPaths,
  };
}

export function sketchPlacement(nodes: readonly string[]): Placement {
  return {
    bridge: "lab",
    host: { port: "host", v4: "10.200.0.1", v6: "fd00:b::1" },
    mtuBytes: 1500,
    ports: nodes.map((node, index) => ({
      node,
      number: index + 2,
      port: `n${index}`,
      nodeEnd: "eth0",
      v4: `10.200.0.${index + 2}`,
      v6: `fd00:b::${(index + 2).toString(16)}`,
    })),
  };
}
