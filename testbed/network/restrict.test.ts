import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTopology } from "#testbed/topology/load.ts";
import { compileNetwork, conditionsOf, segmentsOf } from "./compile.ts";
import { restrictNetwork } from "./restrict.ts";

const topology = parseTopology(
  `name: five
nodes: { "n[1-5]": {} }
network:
  access: { n4: { up: 10Mbit/s, down: 20Mbit/s } }
  pairs:
    - { delay: 3ms }
    - { from: n2, to: n4, delay: 9ms, loss: 1% }
`,
  "five.yaml",
  () => "",
);

test("every pair of the nodes that stay feels what it felt, over the same shared links", () => {
  const whole = compileNetwork(topology);
  const part = restrictNetwork(whole, [3, 1]);
  assert.deepEqual(part.nodes, ["n4", "n2"]);
  for (const [from, to] of [["n4", "n2"] as const, ["n2", "n4"] as const]) {
    assert.deepEqual(conditionsOf(part, from, to), conditionsOf(whole, from, to));
    assert.deepEqual(segmentsOf(part, from, to), segmentsOf(whole, from, to));
  }
});
