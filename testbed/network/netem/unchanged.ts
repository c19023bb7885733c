/** Which nodes are reached as before: an event on one pair of 249,500 must not spell out all the others. */
import type { Network } from "#testbed/network/conditions.ts";
import { downOf } from "./pairs.ts";

/** Empty when the nodes themselves differ: a down link's shares depend on their number. */
export function unchangedPorts(before: Network, after: Network): ReadonlySet<string> {
  const count = after.nodes.length;
  if (count !== before.nodes.length || after.nodes.some((node, index) => node !== before.nodes[index]))
    return new Set();
  const same = sameConditions(before, after);
  return new Set(
    after.nodes.filter((_, to) => {
      if (JSON.stringify(downOf(before, to)) !== JSON.stringify(downOf(after, to))) return false;
      for (let from = 0; from < count; from++) {
        const at = from * count + to;
        if (from !== to && !same(before.pairs[at]!, after.pairs[at]!)) return false;
      }
      return true;
    }),
  );
}

/** Compares by content, once for each two sets that meet: numbers of sets mean nothing across networks. */
function sameConditions(before: Network, after: Network): (old: number, young: number) => boolean {
  const texts = [before, after].map(({ conditions }) => conditions.map((set) => JSON.stringify(set)));
  const [olds, youngs] = texts as [string[], string[]];
  return (old, young) => olds[old] === youngs[young];
}
