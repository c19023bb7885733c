import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileNetwork, conditionsOf } from "#testbed/network/compile.ts";
import { nodeOf, topologyOf } from "#testbed/topology-for-tests.ts";
import { type Impairment, Impairments } from "./impairments.ts";

const nodes = ["a", "b", "c"];
const topology = topologyOf(
  nodes.map((name) => nodeOf(name)),
  { pairs: [{ from: nodes, to: nodes, change: { delayMs: 1 } }] },
);
const felt = (impairments: Impairments) => compileNetwork(topology, impairments.rules(nodes));

const anyChange = fc.oneof(
  fc.record({ delayMs: fc.nat(50) }),
  fc.record({ addDelayMs: fc.nat(50) }),
  fc.constant({ cut: true }),
  fc.record({ duplicateRatio: fc.constantFrom(0.1, 0.2) }),
);
const some = fc.uniqueArray(fc.constantFrom(...nodes), { minLength: 1 });
const anyRules = fc.array(fc.record({ from: some, to: some, change: anyChange }), { maxLength: 2 });
const anyImpairment: fc.Arbitrary<Impairment> = fc.oneof(
  fc.record({ name: fc.constantFrom("p", "q", "r"), rules: anyRules }),
  fc.record({
    name: fc.constantFrom("p", "q", "r"),
    rules: fc.constant([]),
    isolates: fc.constantFrom(...nodes),
  }),
);

/** Pairs as their conditions, whatever numbers those have. */
function pairs(impairments: Impairments) {
  const network = felt(impairments);
  return nodes.flatMap((from) =>
    nodes.filter((to) => to !== from).map((to) => conditionsOf(network, from, to)),
  );
}

test("the end of any one, in whatever order, leaves exactly what the others ask for in the order in which they came", () => {
  const anyOrder = fc.array(fc.nat(9), { minLength: 0, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(anyImpairment, { maxLength: 6 }), anyOrder, (list, ends) => {
      const impairments = new Impairments();
      let left: Impairment[] = [];
      for (const each of list) {
        impairments.impose(each);
        left = [...left.filter(({ name }) => name !== each.name), each];
      }
      for (const end of ends) {
        const gone = left[end];
        assert.equal(impairments.lift(gone?.name ?? "nothing of this name"), gone !== undefined);
        left = left.filter((each) => each !== gone);
        const fresh = new Impairments();
        for (const each of left) fresh.impose(each);
        assert.deepEqual(pairs(impairments), pairs(fresh));
      }
      impairments.liftAll();
      assert.deepEqual(pairs(impairments), pairs(new Impairments()));
    }),
    { seed: 12, numRuns: 200 },
  );
});

test("two impairments of one pair both act where they differ, and the later wins where they do not", () => {
  const impairments = new Impairments();
  const rule = (change: object) => [{ from: ["a"], to: ["b"], change }];
  impairments.impose({ name: "low", rules: rule({ delayMs: 20, duplicateRatio: 0.1 }) });
  impairments.impose({ name: "high", rules: rule({ delayMs: 50 }) });
  assert.deepEqual(conditionsOf(felt(impairments), "a", "b"), { delayMs: 50, duplicateRatio: 0.1 });
  impairments.impose({ name: "low", rules: rule({ delayMs: 20 }) });
  assert.deepEqual(conditionsOf(felt(impairments), "a", "b"), { delayMs: 20 }, "imposed anew, it is on top");
});

test("an isolated node hears nobody and nobody hears it, those that came later included; the others hear each other", () => {
  const impairments = new Impairments();
  impairments.impose({ name: "p", rules: [], isolates: "a" });
  const network = felt(impairments);
  for (const other of ["b", "c"]) {
    assert.equal(conditionsOf(network, "a", other).cut, true);
    assert.equal(conditionsOf(network, other, "a").cut, true);
  }
  assert.equal(conditionsOf(network, "b", "c").cut, undefined);
});

test("healing a node ends all of its isolations and nothing else", () => {
  const impairments = new Impairments();
  impairments.impose({ name: "one", rules: [], isolates: "a" });
  impairments.impose({ name: "two", rules: [], isolates: "a" });
  impairments.impose({ name: "other", rules: [], isolates: "b" });
  impairments.impose({ name: "slow", rules: [{ from: ["a"], to: ["b"], change: { delayMs: 5 } }] });
  assert.deepEqual(impairments.heal("a"), ["one", "two"]);
  assert.deepEqual(
    impairments.list(nodes).map(({ name }) => name),
    ["other", "slow"],
  );
});

test("a node that left the lab is left out of every rule instead of making the rest impossible", () => {
  const impairments = new Impairments();
  impairments.impose({
    name: "slow",
    rules: [{ from: ["a", "gone"], to: ["gone", "b"], change: { delayMs: 9 } }],
  });
  impairments.impose({ name: "lost", rules: [{ from: ["gone"], to: ["a"], change: { delayMs: 9 } }] });
  impairments.impose({ name: "cut", rules: [], isolates: "gone" });
  assert.equal(conditionsOf(felt(impairments), "a", "b").delayMs, 9);
  assert.deepEqual(
    impairments.list(nodes).map(({ rules }) => rules.length),
    [1, 0, 0],
  );
});
