import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { chooseFabric, needsOf } from "./choose-fabric.ts";
import type { NetemSupport } from "./support.ts";
import { sketchNetwork } from "./test-network.ts";

const nodes = ["a", "b"];
const plain = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 25 } } });
const all: NetemSupport = { lacks: [] };
const noNetem: NetemSupport = {
  lacks: [{ need: "core", what: "queueing discipline netem", because: "Specified qdisc kind is unknown" }],
};
const noPolice: NetemSupport = { lacks: [{ need: "pair MTU", what: "action police", because: "not there" }] };

test("auto takes netem where the kernel has it", () => {
  assert.deepEqual(chooseFabric("auto", all, plain), {
    fabric: "netem",
    because: "this kernel has what it needs",
  });
});

test("auto takes the wire elsewhere and says what is missing", () => {
  assert.deepEqual(chooseFabric("auto", noNetem, plain), {
    fabric: "wire",
    because: "netem will not do: queueing discipline netem: Specified qdisc kind is unknown",
  });
});

test("what this topology does not ask for may be missing", () => {
  assert.equal(chooseFabric("auto", noPolice, plain).fabric, "netem");
  const withMtu = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 0, mtuBytes: 900 } } });
  assert.equal(
    chooseFabric("auto", noPolice, withMtu).because,
    "netem will not do: action police (for pair MTU): not there",
  );
});

test("asking for netem where there is none is refused with the remedy", () => {
  assert.throws(
    () => chooseFabric("netem", noNetem, plain),
    (error: unknown) =>
      error instanceof UserError && error.code === "no-netem" && /fix: set fabric: wire/.test(error.message),
  );
});

test("more nodes than a bridge has ports take the wire", () => {
  const many = sketchNetwork(Array.from({ length: 1001 }, (_, index) => `w${index}`));
  assert.match(chooseFabric("auto", all, many).because, /1001 nodes are more than the 1000/);
});

test("auto spares a big mesh the minutes that netem would take to set up, unless asked", () => {
  const many = sketchNetwork(Array.from({ length: 300 }, (_, index) => `w${index}`));
  const mesh = { ...many, conditions: [{ delayMs: 5 }] };
  assert.match(chooseFabric("auto", all, mesh).because, /^more than 50000 pairs have conditions/);
  assert.equal(chooseFabric("netem", all, mesh).fabric, "netem");
});

test("asking for the wire asks nothing of the kernel", () => {
  assert.deepEqual(chooseFabric("wire", noNetem, plain), {
    fabric: "wire",
    because: "the topology asks for it",
  });
});

test("needs follow from links, queues, duplication and MTU", () => {
  const queue = { discipline: "codel", ecn: false } as const;
  const network = sketchNetwork(nodes, {
    pairs: { "a>b": { delayMs: 0, duplicateRatio: 0.1, mtuBytes: 900, rateBitsPerSecond: 1e6, queue } },
    inner: [{ name: "x", rateBitsPerSecond: 1e6 }],
    paths: { "a>b": [0] },
  });
  assert.deepEqual([...needsOf(network)].sort(), [
    "CoDel",
    "core",
    "duplication",
    "inner links",
    "pair MTU",
    "shared links",
  ]);
});
