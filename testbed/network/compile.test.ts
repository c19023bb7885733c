import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LinkSpec, NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { compileNetwork, conditionsOf, pairRate, prepareNetwork, segmentsOf } from "./compile.ts";
import type { ConditionChange, Conditions, Network, PairRule } from "./conditions.ts";

const node = (name: string, role = "worker"): NodeSpec => ({
  name,
  role,
  kind: "netns",
  device: "none",
  settings: {},
});

function topologyOf(nodes: readonly (string | NodeSpec)[], more: Partial<Topology> = {}): Topology {
  const specs = nodes.map((each) => (typeof each === "string" ? node(each) : each));
  const empty = { access: [], links: [], pairs: [], events: [] };
  return { name: "x", fabric: "auto", mtuBytes: 1500, seed: 1, nodes: specs, ...empty, ...more };
}

const link = (a: string, b: string, change: ConditionChange): LinkSpec => ({ endpoints: [a, b], change });

/** Every pair's conditions and shared rates, written out. */
function spellOut(network: Network): string[] {
  return network.nodes.flatMap((from) =>
    network.nodes.map((to) => {
      const { nodes: _, ...rest } = { nodes: 0, ...conditionsOf(network, from, to) };
      const segments = segmentsOf(network, from, to).map(({ name }) => name);
      return `${from} ${to} ${JSON.stringify(Object.entries(rest).sort())} ${segments.join()}`;
    }),
  );
}

const names = ["a", "b", "c", "d"];
const someNodes = fc.subarray(names, { minLength: 1 });
const plain = { noNullPrototype: true } as const;
const asked: fc.Arbitrary<ConditionChange> = fc.oneof(
  fc.record({ delayMs: fc.nat(100) }, plain),
  fc.record({ addDelayMs: fc.nat(100) }, plain),
  fc.record(
    {
      loss: fc.record({ model: fc.constant("random" as const), ratio: fc.constantFrom(0, 0.01, 0.5) }, plain),
    },
    plain,
  ),
  fc.record({ delayMs: fc.nat(100), rateBitsPerSecond: fc.integer({ min: 1, max: 9 }) }, plain),
  fc.record({ cut: fc.boolean() }, plain),
  fc.record(
    { mtuBytes: fc.integer({ min: 1280, max: 1500 }), duplicateRatio: fc.constantFrom(0, 0.1) },
    plain,
  ),
);
const rule: fc.Arbitrary<PairRule> = fc.record({ from: someNodes, to: someNodes, change: asked }, plain);
const rules = fc.array(rule, { maxLength: 6 });

/** The rules of one pair, laid on one another property by property. */
function byHand(from: string, to: string, all: readonly PairRule[]): Conditions {
  const result: Conditions = { delayMs: 0 };
  for (const { from: senders, to: receivers, change } of all) {
    if (from === to || !senders.includes(from) || !receivers.includes(to)) continue;
    const { addDelayMs = 0, ...rest } = change;
    Object.assign(result, rest);
    result.delayMs += addDelayMs;
  }
  if (result.loss?.model === "random" && result.loss.ratio === 0) delete result.loss;
  if (!result.cut) delete result.cut;
  if (!result.duplicateRatio) delete result.duplicateRatio;
  return result;
}

test("later rules win per property, overlays come after all rules, added delays add to what is below them", () => {
  fc.assert(
    fc.property(rules, rules, (pairs, overlays) => {
      const network = compileNetwork(topologyOf(names, { pairs }), overlays);
      for (const from of names) {
        for (const to of names) {
          assert.deepEqual(conditionsOf(network, from, to), byHand(from, to, [...pairs, ...overlays]));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("an overlay taken away leaves what was there before it, also under those that stay", () => {
  fc.assert(
    fc.property(rules, rules, rule, (pairs, overlays, extra) => {
      const lay = prepareNetwork(topologyOf(names, { pairs }));
      const before = spellOut(lay(overlays));
      lay([...overlays, extra]);
      lay([extra, ...overlays]);
      assert.deepEqual(spellOut(lay(overlays)), before);
    }),
    { numRuns: 100 },
  );
});

test("each distinct set of conditions stands once in the table", () => {
  fc.assert(
    fc.property(rules, (pairs) => {
      const { conditions } = compileNetwork(topologyOf(names, { pairs }));
      const keys = conditions.map((each) => JSON.stringify(Object.entries(each).sort()));
      assert.equal(new Set(keys).size, keys.length);
    }),
    { numRuns: 100 },
  );
});

test("the matrix is laid below the rules, and where it has no value the rules stand alone", () => {
  const network = compileNetwork(
    topologyOf(["a", "b", "c"], {
      matrix: {
        nodes: ["c", "a"],
        oneWayMs: [
          [null, 7],
          [null, null],
        ],
      },
      pairs: [{ from: ["c"], to: ["a", "b"], change: { addDelayMs: 1 } }],
    }),
  );
  assert.equal(conditionsOf(network, "c", "a").delayMs, 8);
  assert.equal(conditionsOf(network, "c", "b").delayMs, 1);
  assert.equal(conditionsOf(network, "a", "c").delayMs, 0);
});

test("along the shortest path delays add, losses combine, the MTU is the least and the rates are shared", () => {
  const network = compileNetwork(
    topologyOf(["a", "b", node("s1", "switch"), node("s2", "switch")], {
      links: [
        link("a", "s1", { delayMs: 1, loss: { model: "random", ratio: 0.1 }, rateBitsPerSecond: 1e6 }),
        link("s1", "s2", { delayMs: 5, mtuBytes: 1300, rateBitsPerSecond: 5e6 }),
        link("s2", "b", { delayMs: 0.2, loss: { model: "random", ratio: 0.5 }, mtuBytes: 1400 }),
        link("a", "b", { delayMs: 6.3 }),
      ],
      access: [{ node: "b", downBitsPerSecond: 2e6 }],
    }),
  );
  const conditions = conditionsOf(network, "a", "b");
  assert.deepEqual(network.nodes, ["a", "b"]);
  assert.equal(conditions.delayMs, 6.2);
  assert.ok(conditions.loss?.model === "random" && Math.abs(conditions.loss.ratio - 0.55) < 1e-12);
  assert.equal(conditions.mtuBytes, 1300);
  assert.deepEqual(
    segmentsOf(network, "a", "b").map(({ name }) => name),
    ["a->s1", "s1->s2", "b down"],
  );
  assert.deepEqual(
    segmentsOf(network, "b", "a").map(({ name }) => name),
    ["s2->s1", "s1->a"],
  );
  assert.equal(pairRate(network, "a", "b"), 1e6);
});

test("of two paths with the same delay the one with fewer hops is taken", () => {
  const network = compileNetwork(
    topologyOf(["a", "b", "c"], {
      links: [
        link("a", "c", { delayMs: 0.1 }),
        link("c", "b", { delayMs: 0.2, rateBitsPerSecond: 1 }),
        link("a", "b", { delayMs: 0.3 }),
      ],
    }),
  );
  assert.equal(conditionsOf(network, "a", "b").delayMs, 0.3);
  assert.deepEqual(segmentsOf(network, "a", "b"), []);
});

test("pairs that no path joins are cut, nodes on no link are left to the rules", () => {
  const network = compileNetwork(
    topologyOf(["a", "b", "c", "d", "e"], {
      links: [link("a", "b", { delayMs: 1 }), link("c", "d", { delayMs: 1 }), link("b", "c", { cut: true })],
      pairs: [{ from: ["e"], to: ["a"], change: { delayMs: 9 } }],
    }),
  );
  assert.equal(conditionsOf(network, "a", "c").cut, true);
  assert.equal(conditionsOf(network, "a", "b").cut, undefined);
  assert.deepEqual(conditionsOf(network, "e", "a"), { delayMs: 9 });
});

test("access links get a segment per direction that has a rate, each under its own name", () => {
  const queue = { limitBytes: 64_000, discipline: "codel", ecn: true } as const;
  const network = compileNetwork(
    topologyOf(["a", "b"], {
      access: [
        { node: "b", upBitsPerSecond: 1, downBitsPerSecond: 2, queue },
        { node: "a", upBitsPerSecond: 3 },
      ],
    }),
  );
  assert.deepEqual([...network.up], [2, 0]);
  assert.deepEqual([...network.down], [-1, 1]);
  assert.deepEqual(network.segments, [
    { name: "b up", rateBitsPerSecond: 1, queue },
    { name: "b down", rateBitsPerSecond: 2, queue },
    { name: "a up", rateBitsPerSecond: 3 },
  ]);
  assert.equal(pairRate(network, "b", "a"), 1);
});

test("a pair without any rate has none, and a pair that is not there is an error", () => {
  const network = compileNetwork(topologyOf(["a", "b"]));
  assert.equal(pairRate(network, "a", "b"), undefined);
  assert.throws(() => conditionsOf(network, "a", "z"), /no pair from a to z/);
});

test("sums of delays are rounded to the nanosecond", () => {
  const pairs = [0.1, 0.2].map((addDelayMs) => ({ from: ["a"], to: ["b"], change: { addDelayMs } }));
  assert.equal(conditionsOf(compileNetwork(topologyOf(["a", "b"], { pairs })), "a", "b").delayMs, 0.3);
});

test("five rules for all pairs of 500 nodes make five sets of conditions at most", () => {
  const many = Array.from({ length: 500 }, (_, index) => `n${index}`);
  const pairs = [1, 2, 3, 4, 5].map((delayMs) => ({
    from: many,
    to: many.slice(delayMs),
    change: { delayMs },
  }));
  const { conditions, pairs: table } = compileNetwork(topologyOf(many, { pairs }));
  assert.equal(table.length, 250_000);
  assert.ok(conditions.length <= 6);
});
