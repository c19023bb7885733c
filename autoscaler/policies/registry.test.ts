import assert from "node:assert/strict";
import { test } from "node:test";
import { startConfiguration } from "./nearness.ts";
import { nearAndFar, running } from "./policy-input-for-tests.ts";
import { makePolicy } from "./registry.ts";

const names = ["roofline", "gesscale", "flink", "threshold", "manual", "ladder"] as const;

test("every policy is called what it is asked for by, and decides nothing on nothing", () => {
  for (const name of names) {
    const policy = makePolicy(name, { shares: "even", steps: [] });
    assert.equal(policy.name, name);
    const input = { ...running(nearAndFar(2, 0), { on: ["near1"], asked: 10 }), history: [] };
    assert.equal(policy.decide(input).do, "stay");
  }
});

test("a job starts on the nearest nodes, and nodes of unknown distance come last", () => {
  const { world, network } = running(nearAndFar(2, 2), { on: ["near1"], asked: 10 });
  const nodes = [{ name: "unknown", device: "pi4b", slots: 1 }, ...[...world.nodes].reverse()];
  const start = startConfiguration({ ...world, nodes }, network, 5);
  assert.deepEqual(
    start.seats.map(({ node }) => node),
    ["near1", "near2", "far1", "far2", "unknown"],
  );
});
