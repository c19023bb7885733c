import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTopology } from "#testbed/topology/load.ts";
import { compileNetwork, conditionsOf } from "./compile.ts";
import { lessTunnelDelays } from "./tunnel-delays.ts";

const network = compileNetwork(
  parseTopology(
    `name: three
nodes: { here: {}, pi: {}, far: {} }
network:
  pairs:
    - { from: here, to: pi, both: true, delay: 10ms, loss: 1% }
    - { from: pi, to: far, delay: 1ms }
`,
    "three.yaml",
    () => "",
  ),
);
const less = lessTunnelDelays(
  network,
  new Map([
    [0, 0],
    [1, 0.5],
    [2, 2],
  ]),
);

test("the way to and from another machine is taken off the delay that is added", () => {
  assert.equal(conditionsOf(less, "here", "pi").delayMs, 9.5);
  assert.equal(conditionsOf(less, "pi", "here").delayMs, 9.5);
});

test("a delay below what the tunnels take becomes none", () => {
  assert.equal(conditionsOf(less, "pi", "far").delayMs, 0);
});

test("nothing else changes, and a pair without a delay feels what it felt", () => {
  assert.deepEqual(conditionsOf(less, "here", "pi").loss, conditionsOf(network, "here", "pi").loss);
  for (const [from, to] of [["here", "far"] as const, ["far", "pi"] as const]) {
    assert.deepEqual(conditionsOf(less, from, to), conditionsOf(network, from, to));
  }
});

test("a lab without other machines keeps its network", () => {
  assert.equal(lessTunnelDelays(network, new Map([[0, 0]])), network);
});
