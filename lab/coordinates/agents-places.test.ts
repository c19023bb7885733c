import assert from "node:assert/strict";
import { test } from "node:test";
import { agentsPlaces } from "./agents-places.ts";

const node = (name: string, number: number, namespacePath?: string) => ({
  ...{ name, number, address: `10.0.0.${number + 2}:4747`, paused: false },
  ...(namespacePath !== undefined && { namespacePath }),
});

test("nodes of this machine share a place, others have one each, and all know of all", () => {
  const places = agentsPlaces([node("a", 0, "/ns/a"), node("pi", 1), node("b", 2, "/ns/b")]);
  const here = [...places.values()].map(({ nodes }) => nodes.here.map(({ name }) => name));
  assert.deepEqual(here, [["a", "b"], ["pi"]]);
  for (const { nodes } of places.values())
    assert.deepEqual(
      nodes.all.map(({ name }) => name),
      ["a", "pi", "b"],
    );
  const seeds = [...places.values()].map(({ seedStep }) => seedStep);
  assert.equal(new Set(seeds).size, seeds.length);
});

test("a lab without nodes on this machine has no process here", () => {
  assert.deepEqual([...agentsPlaces([node("pi", 0)]).keys()], ["pi"]);
});
