/** Puts a topology's nodes in the order of their numbers, which fabrics index by, and fills the gaps. */
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";

/** The name of no node: a pattern cannot match it, so a number that nobody has feels nothing. */
const vacant = (number: number): NodeSpec => ({
  name: `~${number}`,
  kind: "netns",
  role: "vacant",
  device: "none",
  settings: {},
});

/** `sizeLeast`: a fabric's tables do not shrink, so numbers that were in use once stay, as nobody's. */
export function inOrderOfNumbers(
  topology: Topology,
  numbers: ReadonlyMap<string, number>,
  sizeLeast = 0,
): Topology {
  const size = Math.max(sizeLeast, Math.max(-1, ...numbers.values()) + 1);
  const nodes = Array.from({ length: size }, (_, number) => vacant(number));
  const others: NodeSpec[] = [];
  for (const node of topology.nodes) {
    const number = numbers.get(node.name);
    if (number === undefined) others.push(node);
    else nodes[number] = node;
  }
  // Declared nodes that are not made yet, and switches: rules may speak of them, and no packet comes from them.
  return { ...topology, nodes: [...nodes, ...others] };
}
