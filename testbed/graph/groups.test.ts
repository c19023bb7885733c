import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileNetwork } from "#testbed/network/compile.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { devicesOf } from "../topology-for-tests.ts";
import { twins } from "./groups.ts";

function groupsOf(text: string): string[] {
  const topology = parseTopology(text, "t.yaml", () => "", devicesOf());
  return twins(topology, compileNetwork(topology)).map(({ label, subtitle }) => `${label}: ${subtitle}`);
}

describe("twins", () => {
  test("nodes with equal conditions, role and access link are one group", () => {
    const text = `name: t
nodes: { "w[1-4]": {}, g1: { role: generator } }
network:
  access: { "w[1-2]": { up: 10Mbit/s, down: 20Mbit/s } }
`;
    assert.deepEqual(groupsOf(text), [
      "w[1-2]: 2 workers, ↑10 ↓20 Mbit/s",
      "w[3-4]: 2 workers",
      "g1: generator",
    ]);
  });

  test("a rule for one direction tells its sender and its receiver from the rest", () => {
    const text = `name: t\nnodes: { "w[1-5]": {} }\nnetwork: { pairs: [{ from: w1, to: w2, delay: 5ms }] }\n`;
    assert.deepEqual(groupsOf(text), ["w1: worker", "w2: worker", "w[3-5]: 3 workers"]);
  });

  test("nodes that are far from each other alone stay one group: exchanging them changes nothing", () => {
    const text = `name: t\nnodes: { "a[1-3]": {}, "b[1-2]": {} }\nnetwork: { pairs: [{ from: "a*", to: "a*", delay: 5ms }] }\n`;
    assert.deepEqual(groupsOf(text), ["a[1-3]: 3 workers", "b[1-2]: 2 workers"]);
  });
});
