import assert from "node:assert/strict";
import { test } from "node:test";
import type { Topology } from "#testbed/topology/topology.ts";
import { changedPairs, compileNetwork } from "./compile.ts";

function topologyOf(names: readonly string[], more: Partial<Topology> = {}): Topology {
  const nodes = names.map(
    (name) => ({ name, role: "worker", kind: "netns", device: "none", settings: {} }) as const,
  );
  const empty = { access: [], links: [], pairs: [], events: [] };
  return { name: "x", fabric: "auto", mtuBytes: 1500, seed: 1, nodes, ...empty, ...more };
}

const abc = topologyOf(["a", "b", "c"], { pairs: [{ from: ["a"], to: ["b", "c"], change: { delayMs: 5 } }] });

test("two compilations of one topology differ in nothing", () => {
  assert.deepEqual(changedPairs(compileNetwork(abc), compileNetwork(abc)), []);
});

test("only the pairs whose conditions an overlay changes are listed", () => {
  const cut = compileNetwork(abc, [{ from: ["c", "a"], to: ["a"], change: { cut: true } }]);
  assert.deepEqual(changedPairs(compileNetwork(abc), cut), [6]);
  const same = compileNetwork(abc, [{ from: ["a"], to: ["b"], change: { delayMs: 5 } }]);
  assert.deepEqual(changedPairs(compileNetwork(abc), same), []);
});

test("a changed access rate changes every pair that uses it", () => {
  const slow = compileNetwork({ ...abc, access: [{ node: "b", downBitsPerSecond: 1e6 }] });
  const slower = compileNetwork({ ...abc, access: [{ node: "b", downBitsPerSecond: 1e5 }] });
  assert.deepEqual(changedPairs(slow, slower), [1, 7]);
  assert.deepEqual(changedPairs(compileNetwork(abc), slow), [1, 7]);
});

test("a changed rate of a link changes every pair whose path has it", () => {
  const line = (rateBitsPerSecond: number): Topology => ({
    ...abc,
    links: [
      { endpoints: ["a", "b"], change: { delayMs: 1 } },
      { endpoints: ["b", "c"], change: { delayMs: 1, rateBitsPerSecond } },
    ],
  });
  assert.deepEqual(changedPairs(compileNetwork(line(1e6)), compileNetwork(line(2e6))), [2, 5, 6, 7]);
});

test("a node that is new at its number changes all of its pairs, in the numbering of the new network", () => {
  const more = compileNetwork({ ...topologyOf(["a", "b", "c", "d"]), pairs: abc.pairs });
  assert.deepEqual(changedPairs(compileNetwork(abc), more), [3, 7, 11, 12, 13, 14]);
  const other = compileNetwork({ ...topologyOf(["a", "x", "c"]) });
  assert.deepEqual(changedPairs(compileNetwork({ ...abc, pairs: [] }), other), [1, 3, 5, 7]);
});

test("a jitter with the same values is the same, with one other value another", () => {
  const withTrace = (offsetsMs: number[]) =>
    compileNetwork(abc, [
      {
        from: ["a"],
        to: ["b"],
        change: { jitter: { spreadMs: 1, distribution: "trace", reorder: false, offsetsMs } },
      },
    ]);
  assert.deepEqual(changedPairs(withTrace([-1, 1]), withTrace([-1, 1])), []);
  assert.deepEqual(changedPairs(withTrace([-1, 1]), withTrace([-1, 1.5])), [1]);
});
