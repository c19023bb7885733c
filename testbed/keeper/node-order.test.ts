import assert from "node:assert/strict";
import { test } from "node:test";
import { compileNetwork, conditionsOf } from "#testbed/network/compile.ts";
import { nodeOf, topologyOf } from "#testbed/topology-for-tests.ts";
import { inOrderOfNumbers } from "./node-order.ts";

const names = (nodes: readonly { name: string }[]) => nodes.map(({ name }) => name);

test("every node stands at its number, and a number that nobody has is vacant", () => {
  const topology = topologyOf(["a", "b", "c"].map((name) => nodeOf(name)));
  const { nodes } = inOrderOfNumbers(
    topology,
    new Map([
      ["c", 0],
      ["a", 3],
    ]),
  );
  assert.deepEqual(names(nodes), ["c", "~1", "~2", "a", "b"]);
});

test("the number of a node that the topology no longer has is vacant until it is removed", () => {
  const { nodes } = inOrderOfNumbers(
    topologyOf([nodeOf("b")]),
    new Map([
      ["a", 0],
      ["b", 1],
    ]),
  );
  assert.deepEqual(names(nodes), ["~0", "b"]);
});

test("before any node is made the topology is as it is", () => {
  const topology = topologyOf([nodeOf("a"), nodeOf("b")]);
  assert.deepEqual(inOrderOfNumbers(topology, new Map()), topology);
});

test("a vacant number feels nothing, and rules reach the nodes where they stand", () => {
  const all = ["a", "b"];
  const topology = topologyOf(
    all.map((name) => nodeOf(name)),
    { pairs: [{ from: all, to: all, change: { delayMs: 7 } }] },
  );
  const network = compileNetwork(
    inOrderOfNumbers(
      topology,
      new Map([
        ["b", 0],
        ["a", 2],
      ]),
    ),
  );
  assert.equal(conditionsOf(network, 0, 2).delayMs, 7);
  assert.equal(conditionsOf(network, 0, 1).delayMs, 0);
  assert.equal(conditionsOf(network, 1, 2).delayMs, 0);
});

test("switches come last, so that they shift no node's number", () => {
  const topology = topologyOf([nodeOf("sw", "none", "switch"), nodeOf("a")]);
  assert.deepEqual(names(inOrderOfNumbers(topology, new Map([["a", 0]])).nodes), ["a", "sw"]);
});

test("the numbers of nodes that are gone stay, also the last ones", () => {
  const topology = topologyOf([nodeOf("a"), nodeOf("sw", "none", "switch")]);
  assert.deepEqual(names(inOrderOfNumbers(topology, new Map([["a", 0]]), 3).nodes), ["a", "~1", "~2", "sw"]);
});
