import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Edge, PathFinder } from "./shortest-path.ts";

const points = 6;
const graph = fc.array(fc.record({ from: fc.nat(points - 1), to: fc.nat(points - 1), delayNs: fc.nat(5) }), {
  maxLength: 14,
});

/** Delay and hops of the best way between two points, by trying every way without a repeated point. */
function best(
  edges: readonly Edge[],
  from: number,
  to: number,
  seen = new Set([from]),
): [number, number] | undefined {
  if (from === to) return [0, 0];
  let found: [number, number] | undefined;
  for (const edge of edges) {
    if (edge.from !== from || seen.has(edge.to)) continue;
    const rest = best(edges, edge.to, to, new Set([...seen, edge.to]));
    const way: [number, number] | undefined = rest && [rest[0] + edge.delayNs, rest[1] + 1];
    if (way && (!found || way[0] < found[0] || (way[0] === found[0] && way[1] < found[1]))) found = way;
  }
  return found;
}

test("delay and hops of every shortest path are those of a search through all paths", () => {
  fc.assert(
    fc.property(graph, (edges) => {
      const { via } = new PathFinder(points, edges).from(0);
      for (let to = 1; to < points; to++) {
        let [delayNs, hops] = [0, 0];
        for (let at = to; at !== 0 && via[at]! >= 0; at = edges[via[at]!]!.from) {
          delayNs += edges[via[at]!]!.delayNs;
          hops++;
        }
        assert.deepEqual(via[to]! < 0 ? undefined : [delayNs, hops], best(edges, 0, to));
      }
    }),
    { numRuns: 300 },
  );
});

test("a point stands in the order after the point that it is reached from", () => {
  fc.assert(
    fc.property(graph, (edges) => {
      const { via, order } = new PathFinder(points, edges).from(0);
      assert.equal(order[0], 0);
      for (const [index, point] of order.entries()) {
        if (point !== 0) assert.ok(order.indexOf(edges[via[point]!]!.from) < index);
      }
    }),
    { numRuns: 100 },
  );
});
