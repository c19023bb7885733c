/** Builds small networks by hand, for the tests and the speed measurement of the wire. */
import type { Conditions, Network, Segment } from "#testbed/network/conditions.ts";

type PairSpec = { from?: number; to?: number; conditions: Conditions; path?: readonly number[] };

type NetworkSpec = {
  nodes: number;
  /** Later entries win; an entry without from or to stands for every node. */
  pairs?: readonly PairSpec[];
  segments?: readonly Segment[];
  /** Node → segment. */
  up?: Readonly<Record<number, number>>;
  down?: Readonly<Record<number, number>>;
};

export function buildNetwork(spec: NetworkSpec): Network {
  const nodes = Array.from({ length: spec.nodes }, (_, node) => `n${node}`);
  const conditions: Conditions[] = [{ delayMs: 0 }];
  const paths: (readonly number[])[] = [[]];
  const pairs = new Uint32Array(spec.nodes ** 2);
  const pairPaths = new Uint32Array(spec.nodes ** 2);
  for (const rule of spec.pairs ?? []) {
    const set = conditions.push(rule.conditions) - 1;
    const path = rule.path ? paths.push(rule.path) - 1 : 0;
    for (const from of rule.from === undefined ? nodes.keys() : [rule.from]) {
      for (const to of rule.to === undefined ? nodes.keys() : [rule.to]) {
        pairs[from * spec.nodes + to] = set;
        pairPaths[from * spec.nodes + to] = path;
      }
    }
  }
  const links = (of: Readonly<Record<number, number>> = {}): Int32Array =>
    Int32Array.from(nodes.keys(), (node) => of[node] ?? -1);
  const { segments = [], up, down } = spec;
  return { nodes, segments, up: links(up), down: links(down), conditions, pairs, paths, pairPaths };
}
